import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { getOptionsToken, getStorageToken } from '@nestjs/throttler';
import { Access } from '../access/access';
import { AccessPolicy } from '../access/access-policy';
import { createAuthorizer } from '../access/create-authorizer';
import type { Authorizer } from '../access/grant';
import { ViewerSeats } from '../access/viewer-seats';
import { Beat } from '../api/beat';
import { EventsWebhook } from '../api/events-webhook';
import { EventsController } from '../api/events.controller';
import { MINUTE, RateWindow } from '../api/rate-window';
import { RecentRefusals } from '../api/recent-refusals';
import { RefusalsController } from '../api/refusals.controller';
import { RelayEvents } from '../api/relay-events';
import { SnapshotController } from '../api/snapshot.controller';
import { Snapshots } from '../api/snapshots';
import { SourcesController } from '../api/sources.controller';
import { StreamHistories } from '../api/stream-histories';
import { StreamsController } from '../api/streams.controller';
import { eventLoopLoad } from '../base/event-loop-load';
import { raiseFault } from '../base/faults';
import type { Log } from '../base/log';
import { CLOCK, CONFIG, LOG } from '../base/tokens';
import type { Config } from '../config/config';
import { findFfmpeg } from '../ffmpeg/find-ffmpeg';
import { jpegEncoder } from '../ffmpeg/jpeg-encoder';
import { Sources } from '../ffmpeg/sources';
import { HlsSessions } from '../hls/hls-sessions';
import { HlsStreams } from '../hls/hls-streams';
import { HlsController } from '../hls/hls.controller';
import { SessionTokens } from '../hls/session-tokens';
import { ErrorPage } from '../http/error-page';
import { PageFiles } from '../http/page-files';
import { HealthController } from '../observe/health.controller';
import { Metrics } from '../observe/metrics';
import { MetricsController } from '../observe/metrics.controller';
import { Readiness } from '../observe/readiness';
import { PagesController } from '../pages/pages.controller';
import { MediaRefusals } from '../publish/media-refusals';
import { PublishGateway } from '../publish/publish.gateway';
import { PublisherSeats } from '../publish/publisher-seats';
import { PushAdmission } from '../publish/push-admission';
import { PushController } from '../publish/push.controller';
import type { Clock } from '../relay/clock';
import { DEFAULT_RELAY_LIMITS } from '../relay/relay-limits';
import { StreamRegistry } from '../relay/stream-registry';
import { ViewerReports } from '../relay/viewer-reports';
import { ProgressiveController } from '../watch/progressive.controller';
import { WatchGateway } from '../watch/watch.gateway';

/** What answers under `/api/`. */
export const API_CONTROLLERS = [StreamsController, SnapshotController, SourcesController, RefusalsController, EventsController];

/** What a relay is made of. */
export interface RelayParts {
  readonly config: Config;
  /** Decides who may publish and watch, instead of the rule of the configuration. */
  readonly authorizer?: Authorizer | undefined;
  readonly log: Log;
  readonly clock: Clock;
  readonly sources: Sources;
}

/** All that answers in a relay: doors in, doors out, API and pages. */
@Module({})
export class RelayModule {
  static with(parts: RelayParts): DynamicModule {
    return {
      module: RelayModule,
      imports: [TerminusModule.forRoot({ logger: false })],
      // `/watch/NAME.mp4` comes before `/watch/NAME`, which would match it too.
      controllers: [PushController, ProgressiveController, HlsController, PagesController, HealthController, MetricsController, ...API_CONTROLLERS],
      providers: [...shared(parts), ...doors(parts), ...observers(), ...api(parts)],
    };
  }
}

/** What every door needs: the configuration, the time, the log, the streams, and who may come in. */
function shared({ config, authorizer: given, log, clock, sources }: RelayParts): Provider[] {
  const limits = { ...DEFAULT_RELAY_LIMITS, hold: config.hold, streams: config.maxStreams };
  const policy = new AccessPolicy(config);
  const authorizer = given ?? (config.accessRule && createAuthorizer(config.accessRule, clock));
  return [
    { provide: CONFIG, useValue: config },
    { provide: LOG, useValue: log },
    { provide: CLOCK, useValue: clock },
    { provide: Sources, useValue: sources },
    { provide: StreamRegistry, useValue: new StreamRegistry({ clock, load: eventLoopLoad(), limits, failed: raiseFault }) },
    { provide: AccessPolicy, useValue: policy },
    { provide: Access, useValue: new Access({ policy, authorizer, private: config.private }) },
    ...[ViewerSeats, PageFiles, ErrorPage],
  ];
}

function doors({ clock }: RelayParts): Provider[] {
  return [
    ...[PublisherSeats, MediaRefusals, PushAdmission, PublishGateway, WatchGateway, HlsStreams, HlsSessions],
    { provide: SessionTokens, useValue: new SessionTokens({ wall: () => clock.wall() }) },
  ];
}

function observers(): Provider[] {
  return [Metrics, { provide: ViewerReports, useExisting: Metrics }, Readiness];
}

function api({ config, clock, log }: RelayParts): Provider[] {
  return [
    Beat,
    { provide: getOptionsToken(), useValue: { throttlers: [{ ttl: MINUTE, limit: config.apiRate }] } },
    { provide: getStorageToken(), useValue: new RateWindow(clock) },
    { provide: RecentRefusals, useValue: new RecentRefusals(clock) },
    {
      provide: RelayEvents,
      inject: [StreamRegistry, RecentRefusals],
      useFactory: (registry: StreamRegistry, refusals: RecentRefusals) => new RelayEvents({ registry, clock, refused: (refusal) => refusals.note(refusal) }),
    },
    {
      provide: EventsWebhook,
      inject: [RelayEvents],
      useFactory: (events: RelayEvents) => new EventsWebhook({ target: config.eventsWebhook, events, clock, log }),
    },
    {
      provide: Snapshots,
      inject: [StreamRegistry],
      useFactory: (registry: StreamRegistry) => new Snapshots({ registry, clock, log, encoder: () => jpegEncoder(findFfmpeg(process.env).path) }),
    },
    { provide: StreamHistories, inject: [StreamRegistry], useFactory: (registry: StreamRegistry) => new StreamHistories({ registry, clock }) },
  ];
}
