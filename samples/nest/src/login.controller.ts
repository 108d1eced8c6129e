import { Body, Controller, Get, Header, Post, Res, UnauthorizedException } from '@nestjs/common';
import type { Response } from 'express';
import { Public } from './login.guard';
import { Logins } from './logins';

const FORM = `<!doctype html>
<title>Log in</title>
<form method="post" action="login">
  <input name="name" value="ana"> <input name="password" type="password" value="ana-s-password"> <button>Log in</button>
</form>`;

@Public()
@Controller()
export class LoginController {
  constructor(private readonly logins: Logins) {}

  @Get()
  @Header('Content-Type', 'text/html')
  form(): string {
    return FORM;
  }

  @Post('login')
  logIn(@Body() { name = '', password = '' }: { name?: string; password?: string }, @Res({ passthrough: true }) response: Response): string {
    const cookie = this.logins.logIn(name, password);
    if (cookie === undefined) throw new UnauthorizedException('Wrong name or password');
    response.setHeader('Set-Cookie', cookie);
    return `Hello ${name}: /live/publish/cam broadcasts, /live/watch/cam watches`;
  }
}
