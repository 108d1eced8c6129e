import { Module } from '@nestjs/common';
import { ProgressiveController } from './progressive.controller';
import { ViewerSeats } from './viewer-seats';
import { WatchGateway } from './watch.gateway';

/** The doors out. */
@Module({ controllers: [ProgressiveController], providers: [ViewerSeats, WatchGateway] })
export class WatchModule {}
