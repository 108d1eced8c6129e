import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Response } from 'express';

/** How this application answers errors. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(thrown: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') return;
    const status = thrown instanceof HttpException ? thrown.getStatus() : 500;
    const message = thrown instanceof HttpException ? thrown.message : 'Something is wrong here';
    host.switchToHttp().getResponse<Response>().status(status).json({ sorry: message });
  }
}
