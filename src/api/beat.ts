import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { guard } from '../base/guard';
import { CLOCK } from '../base/tokens';
import { Sources } from '../ffmpeg/sources';
import type { Clock } from '../relay/clock';
import { StreamRegistry } from '../relay/stream-registry';
import { RelayEvents } from './relay-events';
import { StreamHistories } from './stream-histories';

const SECOND = 1_000;

/** Looks once a second at how the relay does, and listens to what happens in it. */
@Injectable()
export class Beat implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #clock: Clock;
  readonly #registry: StreamRegistry;
  readonly #sources: Sources;
  readonly #events: RelayEvents;
  readonly #histories: StreamHistories;
  #stops: readonly (() => void)[] = [];

  constructor(@Inject(CLOCK) clock: Clock, registry: StreamRegistry, sources: Sources, events: RelayEvents, histories: StreamHistories) {
    this.#clock = clock;
    this.#registry = registry;
    this.#sources = sources;
    this.#events = events;
    this.#histories = histories;
  }

  onApplicationBootstrap(): void {
    const beat = (): void => {
      guard('the histories of streams', () => this.#histories.sample());
      guard('the events of a second', () => this.#events.tick());
    };
    const sources = this.#sources.listen((source) => this.#events.sourceChanged(source));
    this.#stops = [sources, this.#registry.observe(this.#events), this.#clock.every(SECOND, beat)];
  }

  onApplicationShutdown(): void {
    for (const stop of this.#stops) stop();
  }
}
