import { Module } from '@nestjs/common';
import { PublishGateway } from './publish.gateway';
import { PushAdmission } from './push-admission';
import { PushController } from './push.controller';

/** The doors in. */
@Module({ controllers: [PushController], providers: [PushAdmission, PublishGateway] })
export class PublishModule {}
