import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ChatGateway } from './chat.gateway';
import { ErrorFilter } from './error.filter';
import { LiveAccess } from './live-access';
import { LoginController } from './login.controller';
import { LoginGuard } from './login.guard';
import { Logins } from './logins';
import { NotesController } from './notes.controller';
import { TextPipe } from './text.pipe';

/** An application that knows nothing of video: a login, notes and a chat, with a guard, a pipe and a filter for all of it. */
@Module({
  controllers: [LoginController, NotesController],
  providers: [
    Logins,
    LiveAccess,
    ChatGateway,
    { provide: APP_GUARD, useClass: LoginGuard },
    { provide: APP_PIPE, useClass: TextPipe },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
  exports: [LiveAccess],
})
export class HostModule {}
