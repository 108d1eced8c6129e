/** What `import … from 'sluice'` gives: a relay in a Nest application (docs/embedding.md). */
import 'reflect-metadata';

export type { AccessAction, AccessAsk, WatchableAsk } from '../access/grant';
export type { AccessDecision, SluiceAuthorizer } from '../access/host-authorizer';
export { RelayEvents } from '../api/relay-events';
export type { Log } from '../base/log';
export { Sources } from '../ffmpeg/sources';
export type { RelayEvent } from '../protocol/api-event';
export { SluiceError } from '../protocol/error-code';
export { StreamRegistry } from '../relay/stream-registry';
export { SluiceModule } from './sluice.module';
export type { SluiceModuleAsyncOptions, SluiceModuleOptions } from './sluice-options';
export { withSluice } from './with-sluice';
