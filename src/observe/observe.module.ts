import { Module } from '@nestjs/common';
import { HealthController } from './health.controller';
import { StreamsController } from './streams.controller';

@Module({ controllers: [StreamsController, HealthController] })
export class ObserveModule {}
