import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import type { IncomingMessage } from 'node:http';
import { addressGroup } from '../http/address-group';
import { addressOf } from '../http/address-of';
import { SluiceError } from '../protocol/error-code';

/** Lets each address ask the API so often, whatever it asks. */
@Injectable()
export class ApiRateGuard extends ThrottlerGuard {
  protected override getTracker(request: Record<string, unknown>): Promise<string> {
    return Promise.resolve(addressGroup(addressOf(request as unknown as IncomingMessage)));
  }

  /** One count for all addresses of the API. */
  protected override generateKey(_context: ExecutionContext, address: string): string {
    return address;
  }

  protected override throwThrottlingException(_context: ExecutionContext, { limit, timeToBlockExpire }: ThrottlerLimitDetail): Promise<void> {
    throw new SluiceError('too-many', `Cannot answer so often: an address may ask ${limit} times a minute (--api-rate)`, { retryAfter: timeToBlockExpire });
  }
}
