import { Module } from '@nestjs/common';
import { PublishGateway } from './publish.gateway';
import { MediaRefusals } from './media-refusals';
import { PublisherSeats } from './publisher-seats';
import { PushAdmission } from './push-admission';
import { PushController } from './push.controller';

/** The doors in. */
@Module({ controllers: [PushController], providers: [PublisherSeats, MediaRefusals, PushAdmission, PublishGateway] })
export class PublishModule {}
