import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Access } from '../access/access';
import { AccessPolicy } from '../access/access-policy';
import { createAuthorizer } from '../access/create-authorizer';
import type { Config } from '../config/config';
import type { Log } from '../observe/log';
import type { Clock } from '../relay/clock';
import { DEFAULT_RELAY_LIMITS } from '../relay/relay-limits';
import { StreamRegistry } from '../relay/stream-registry';
import { eventLoopLoad } from './event-loop-load';
import { raiseFault } from './faults';
import { CLOCK, CONFIG, LOG } from './tokens';

/** What every door shares: the configuration, the time, the log, the streams, and who may come in. */
@Global()
@Module({})
export class CoreModule {
  static with({ config, log, clock }: { config: Config; log: Log; clock: Clock }): DynamicModule {
    const limits = { ...DEFAULT_RELAY_LIMITS, hold: config.hold, streams: config.maxStreams };
    const registry = new StreamRegistry({ clock, load: eventLoopLoad(), limits, failed: raiseFault });
    const policy = new AccessPolicy(config);
    const authorizer = config.accessRule && createAuthorizer(config.accessRule, clock);
    return {
      module: CoreModule,
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOG, useValue: log },
        { provide: CLOCK, useValue: clock },
        { provide: StreamRegistry, useValue: registry },
        { provide: AccessPolicy, useValue: policy },
        { provide: Access, useValue: new Access({ policy, authorizer, private: config.private }) },
      ],
      exports: [CONFIG, LOG, CLOCK, StreamRegistry, AccessPolicy, Access],
    };
  }
}
