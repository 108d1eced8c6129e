import { Get, Inject, type OnApplicationShutdown, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Access } from '../access/access';
import { StreamName } from '../access/stream-name';
import { CLOCK } from '../base/tokens';
import { Exchange } from '../http/exchange';
import { sendFile } from '../http/send-file';
import type { Clock } from '../relay/clock';
import { ApiController } from './api-controller';
import { SNAPSHOT_AGE, Snapshots } from './snapshots';

/** Shows what a stream looks like just now. Pictures are shared, so that asking often costs little. */
@ApiController('streams/:name/snapshot.jpg', 'watch')
@SkipThrottle()
export class SnapshotController implements OnApplicationShutdown {
  readonly #access: Access;
  readonly #snapshots: Snapshots;
  readonly #clock: Clock;

  constructor(access: Access, snapshots: Snapshots, @Inject(CLOCK) clock: Clock) {
    this.#access = access;
    this.#snapshots = snapshots;
    this.#clock = clock;
  }

  @Get()
  @ApiOperation({ summary: 'Shows what a stream looks like just now' })
  @ApiOkResponse({ description: 'A picture, at most 640 pixels wide and high', content: { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } } })
  async show(@StreamName() name: string, @Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const { jpeg, etag } = await this.#snapshots.of(name);
    const cacheControl = `${this.#access.private ? 'private' : 'public'}, max-age=${SNAPSHOT_AGE / 1000}`;
    sendFile(new Exchange(request, response), { pieces: [jpeg], size: jpeg.length, type: 'image/jpeg', etag, cacheControl }, this.#clock);
  }

  onApplicationShutdown(): void {
    this.#snapshots.close();
  }
}
