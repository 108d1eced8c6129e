import { Module } from '@nestjs/common';
import { SluiceModule } from 'sluice';
import { HostModule } from './host.module';
import { LiveAccess } from './live-access';

/** The application, and a relay below /live. */
@Module({
  imports: [
    HostModule,
    SluiceModule.forRoot({
      path: '/live',
      authorizer: LiveAccess,
      demo: false,
      // The names by which browsers reach this application; localhost is one already.
      allowedHost: [],
    }),
  ],
})
export class AppModule {}
