import type { ServerResponse } from 'node:http';
import { on } from '../base/guard';
import { whenGone } from '../http/when-gone';
import type { RelayEvent } from '../protocol/api-event';
import type { Clock } from '../relay/clock';
import type { RelayEvents } from './relay-events';

/** How often something is sent though nothing happens, ms: proxies close what is silent. */
const HEARTBEAT = 15_000;
/** How much may wait for a reader, bytes, before it is cut off. */
const MAX_QUEUED = 1 << 20;
/** When a browser may come back after it was cut off, ms. */
const RETRY = 2_000;

/** The headers of such an answer. */
export const EVENT_STREAM_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // nginx would gather it.
  'X-Accel-Buffering': 'no',
};

/** One reader of the events, over server-sent events (HTML, section 9.2). */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #stops: readonly (() => void)[];

  /** Begins with what is held behind the event `after`, then how things stand. */
  constructor({ response, events, clock, after }: { response: ServerResponse; events: RelayEvents; clock: Clock; after: number | undefined }) {
    this.#response = response;
    response.writeHead(200, EVENT_STREAM_HEADERS);
    const earlier = events.after(after).map(frame).join('');
    response.write(`retry: ${RETRY}\n\n${earlier}${frame(events.stats())}`);
    this.#stops = [events.listen((event) => this.#write(frame(event))), clock.every(HEARTBEAT, () => this.#write(':\n\n'))];
    whenGone(response, () => this.#stop());
    // It breaks off: `close` follows.
    on(response, 'error', () => undefined);
  }

  /** Ends it in order. May be called twice. */
  end(): void {
    this.#stop();
    this.#response.end();
  }

  #write(text: string): void {
    this.#response.write(text);
    if (this.#response.writableLength <= MAX_QUEUED) return;
    this.#stop();
    this.#response.destroy();
  }

  #stop(): void {
    for (const stop of this.#stops) stop();
  }
}

/** All readers share what an event is to each. */
const frames = new WeakMap<RelayEvent, string>();

/** `stats` has no id of its own that a reader could come back to. */
function frame(event: RelayEvent): string {
  const known = frames.get(event);
  if (known !== undefined) return known;
  const data = `data: ${JSON.stringify(event)}\n\n`;
  const made = event.type === 'stats' ? data : `id: ${event.id}\n${data}`;
  frames.set(event, made);
  return made;
}
