import { Module } from '@nestjs/common';
import { PushAdmission } from './push-admission';
import { PushController } from './push.controller';

/** The doors in. */
@Module({ controllers: [PushController], providers: [PushAdmission] })
export class PublishModule {}
