import { Module } from '@nestjs/common';
import { PublishGateway } from './publish.gateway';
import { PublisherSeats } from './publisher-seats';
import { PushAdmission } from './push-admission';
import { PushController } from './push.controller';

/** The doors in. */
@Module({ controllers: [PushController], providers: [PublisherSeats, PushAdmission, PublishGateway] })
export class PublishModule {}
