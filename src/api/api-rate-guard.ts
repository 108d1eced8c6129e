import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressGroup, addressOf } from '../http/address';
import { refuse } from '../http/refuse';
import { SluiceError } from '../protocol/error-code';
import { MINUTE, type RateWindow } from './rate-window';

/** Lets each address ask the API so often, whatever it asks. */
@Injectable()
export class ApiRateGuard extends ThrottlerGuard {
  protected override getTracker(request: Record<string, unknown>): Promise<string> {
    return Promise.resolve(keyOf(request as unknown as IncomingMessage));
  }

  /** One count for all addresses of the API. */
  protected override generateKey(_context: ExecutionContext, address: string): string {
    return address;
  }

  protected override throwThrottlingException(_context: ExecutionContext, { limit, timeToBlockExpire }: ThrottlerLimitDetail): Promise<void> {
    throw tooMany(limit, timeToBlockExpire);
  }
}

/** The same for what stands under `/api/` without a controller. */
export function apiRateCheck(windows: RateWindow, limit: number) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const { isBlocked, timeToBlockExpire } = windows.count(keyOf(request), MINUTE, limit);
    if (isBlocked) refuse(response, tooMany(limit, timeToBlockExpire));
    else next();
  };
}

function keyOf(request: IncomingMessage): string {
  return addressGroup(addressOf(request));
}

function tooMany(limit: number, retryAfter: number): SluiceError {
  return new SluiceError('too-many', `Cannot answer so often: an address may ask ${limit} times a minute (--api-rate)`, { retryAfter });
}
