import { type BeforeApplicationShutdown, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Grant } from '../access/grant';
import { LiveGrant } from '../access/live-grant';
import { Granted } from '../access/permission';
import { CLOCK } from '../base/tokens';
import { whenGone } from '../http/when-gone';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import { ApiController } from './api-controller';
import { refTo } from './api-schemas';
import { EVENT_STREAM_HEADERS, EventStream } from './event-stream';
import { RelayEvents } from './relay-events';

/** How many may read at a time. */
const MAX_READERS = 100;

/** Tells what happens, for as long as somebody reads. */
@ApiController('events', 'admin')
export class EventsController implements BeforeApplicationShutdown {
  readonly #events: RelayEvents;
  readonly #clock: Clock;
  readonly #readers = new Set<EventStream>();

  constructor(events: RelayEvents, @Inject(CLOCK) clock: Clock) {
    this.#events = events;
    this.#clock = clock;
  }

  @Get()
  @ApiOperation({ summary: 'Tells what happens, as server-sent events' })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Goes on behind that event' })
  @ApiOkResponse({ description: 'One event in each message', content: { 'text/event-stream': { schema: { $ref: refTo('Event') } } } })
  read(@Req() request: IncomingMessage, @Res() response: ServerResponse, @Granted() grant: Grant): void {
    const after = readId(request.headers['last-event-id']);
    if (request.method === 'HEAD') {
      response.writeHead(200, EVENT_STREAM_HEADERS).end();
      return;
    }
    if (this.#readers.size >= MAX_READERS) throw new SluiceError('full', `Cannot tell another reader what happens: there are ${MAX_READERS}`, { retryAfter: 10 });
    // Gone already: its `close` has passed.
    if (request.socket.destroyed) return;
    const reader = new EventStream({ response, events: this.#events, clock: this.#clock, after });
    this.#readers.add(reader);
    const live = new LiveGrant({ grant, clock: this.#clock, ended: () => reader.end() });
    whenGone(response, () => {
      live.release();
      this.#readers.delete(reader);
    });
  }

  beforeApplicationShutdown(): void {
    for (const reader of this.#readers) reader.end();
  }
}

function readId(text: string | string[] | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text)) throw new SluiceError('bad-request', 'Cannot go on behind that event: Last-Event-ID must be the id of one');
  return Number(text);
}
