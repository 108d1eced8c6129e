import { Get, Header, Req } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { IncomingMessage } from 'node:http';
import type { RefusalList } from '../protocol/refusal-info';
import { ApiAccess } from './api-access';
import { Answers, ApiController } from './api-controller';
import { RecentRefusals } from './recent-refusals';

/** Lists why publishers were refused: encoders show their users little of it, or nothing. */
@ApiController('refusals')
export class RefusalsController {
  readonly #access: ApiAccess;
  readonly #refusals: RecentRefusals;

  constructor(access: ApiAccess, refusals: RecentRefusals) {
    this.#access = access;
    this.#refusals = refusals;
  }

  @Get()
  @ApiOperation({ summary: 'Lists the publishers that were refused last, with what to do about it' })
  @Answers('RefusalList')
  @Header('Cache-Control', 'no-store')
  async list(@Req() request: IncomingMessage): Promise<RefusalList> {
    await this.#access.admin(request);
    return { refusals: this.#refusals.list() };
  }
}
