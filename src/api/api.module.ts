import { type DynamicModule, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import type { Config } from '../config/config';
import { CLOCK, CONFIG, LOG } from '../core/tokens';
import type { Log } from '../observe/log';
import type { Clock } from '../relay/clock';
import { FfmpegSources } from '../publish/ffmpeg/ffmpeg-sources';
import { findFfmpeg } from '../publish/ffmpeg/find-ffmpeg';
import { StreamRegistry } from '../relay/stream-registry';
import { ApiAccess } from './api-access';
import { Beat } from './beat';
import { EventsWebhook } from './events-webhook';
import { EventsController } from './events.controller';
import { jpegEncoder } from './jpeg-encoder';
import { MINUTE, RateWindow } from './rate-window';
import { RecentRefusals } from './recent-refusals';
import { RefusalsController } from './refusals.controller';
import { RelayEvents } from './relay-events';
import { SnapshotController } from './snapshot.controller';
import { Snapshots } from './snapshots';
import { SourcesController } from './sources.controller';
import { StreamHistories } from './stream-histories';
import { StreamsController } from './streams.controller';

/** What programs and the dashboard ask the relay. */
@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      inject: [CONFIG, CLOCK],
      useFactory: ({ apiRate }: Config, clock: Clock) => ({ throttlers: [{ ttl: MINUTE, limit: apiRate }], storage: new RateWindow(clock) }),
    }),
  ],
  controllers: [StreamsController, SnapshotController, SourcesController, RefusalsController, EventsController],
  providers: [
    ApiAccess,
    Beat,
    {
      provide: EventsWebhook,
      inject: [CONFIG, RelayEvents, CLOCK, LOG],
      useFactory: ({ eventsWebhook: target }: Config, events: RelayEvents, clock: Clock, log: Log) => new EventsWebhook({ target, events, clock, log }),
    },
    {
      provide: Snapshots,
      inject: [StreamRegistry, CLOCK, LOG],
      useFactory: (registry: StreamRegistry, clock: Clock, log: Log) => new Snapshots({ registry, clock, log, encoder: () => jpegEncoder(findFfmpeg(process.env).path) }),
    },
    { provide: RecentRefusals, inject: [CLOCK], useFactory: (clock: Clock) => new RecentRefusals(clock) },
    {
      provide: RelayEvents,
      inject: [StreamRegistry, CLOCK, RecentRefusals],
      useFactory: (registry: StreamRegistry, clock: Clock, refusals: RecentRefusals) => new RelayEvents({ registry, clock, refused: (refusal) => refusals.note(refusal) }),
    },
    { provide: StreamHistories, inject: [StreamRegistry, CLOCK], useFactory: (registry: StreamRegistry, clock: Clock) => new StreamHistories({ registry, clock }) },
  ],
})
export class ApiModule {
  /** `sources` are those that the operator configured. The metrics tell of them, too. */
  static with(sources: FfmpegSources): DynamicModule {
    return { module: ApiModule, global: true, providers: [{ provide: FfmpegSources, useValue: sources }], exports: [FfmpegSources] };
  }
}
