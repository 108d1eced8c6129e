import { Module } from '@nestjs/common';
import { ProgressiveController } from './progressive.controller';
import { WatchGateway } from './watch.gateway';

/** The doors out. */
@Module({ controllers: [ProgressiveController], providers: [WatchGateway] })
export class WatchModule {}
