import { Get, Header } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { RefusalList } from '../protocol/refusal-info';
import { Answers, ApiController } from './api-controller';
import { RecentRefusals } from './recent-refusals';

/** Lists why publishers were refused: encoders show their users little of it, or nothing. */
@ApiController('refusals', 'admin')
export class RefusalsController {
  readonly #refusals: RecentRefusals;

  constructor(refusals: RecentRefusals) {
    this.#refusals = refusals;
  }

  @Get()
  @ApiOperation({ summary: 'Lists the publishers that were refused last, with what to do about it' })
  @Answers('RefusalList')
  @Header('Cache-Control', 'no-store')
  list(): RefusalList {
    return { refusals: this.#refusals.list() };
  }
}
