import { Module } from '@nestjs/common';
import { CLOCK } from '../core/tokens';
import type { Clock } from '../relay/clock';
import { HlsController } from './hls/hls.controller';
import { HlsSessions } from './hls/hls-sessions';
import { HlsStreams } from './hls/hls-streams';
import { SessionTokens } from './hls/session-tokens';
import { ProgressiveController } from './progressive.controller';
import { ViewerSeats } from './viewer-seats';
import { WatchGateway } from './watch.gateway';

/** The doors out. */
@Module({
  controllers: [ProgressiveController, HlsController],
  providers: [
    ...[ViewerSeats, WatchGateway, HlsStreams, HlsSessions],
    { provide: SessionTokens, inject: [CLOCK], useFactory: (clock: Clock) => new SessionTokens({ wall: () => clock.wall() }) },
  ],
})
export class WatchModule {}
