import { type CanActivate, type CustomDecorator, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { Logins } from './logins';

const PUBLIC = 'public';

/** Opens a controller to everybody. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC, true);

/** Lets in who has logged in: for all controllers of the application. */
@Injectable()
export class LoginGuard implements CanActivate {
  constructor(
    private readonly logins: Logins,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, [context.getHandler(), context.getClass()]) === true) return true;
    return this.logins.userOf(context.switchToHttp().getRequest<IncomingMessage>().headers.cookie) !== undefined;
  }
}
