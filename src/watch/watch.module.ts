import { Module } from '@nestjs/common';
import { HlsController } from './hls/hls.controller';
import { HlsSessions } from './hls/hls-sessions';
import { HlsStreams } from './hls/hls-streams';
import { ProgressiveController } from './progressive.controller';
import { ViewerSeats } from './viewer-seats';
import { WatchGateway } from './watch.gateway';

/** The doors out. */
@Module({ controllers: [ProgressiveController, HlsController], providers: [ViewerSeats, WatchGateway, HlsStreams, HlsSessions] })
export class WatchModule {}
