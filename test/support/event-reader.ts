import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { RelayEvent } from '../../src/protocol/api-event';

type OfType<Type> = Extract<RelayEvent, { type: Type }>;

/** A reader of `GET /api/events` that keeps what it is told. */
export class EventReader {
  readonly events: RelayEvent[] = [];
  /** The `id:` lines, in order. */
  readonly ids: number[] = [];
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  #cursor = 0;
  #rest = '';
  #over = false;
  #wake: () => void = () => undefined;

  constructor(sent: ClientRequest, response: IncomingMessage) {
    this.#request = sent;
    this.response = response;
    response.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    response.on('error', () => undefined);
    response.once('close', () => {
      this.#over = true;
      this.#wake();
    });
  }

  /** Begins to read. */
  static open(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const sent = request(`${url}/api/events`, { agent: false, headers });
      sent.on('error', reject);
      sent.on('response', (response) => resolve(new EventReader(sent, response)));
      sent.end();
    });
  }

  /** The next event of that type behind those that were waited for before. */
  async next<Type extends RelayEvent['type']>(type: Type): Promise<OfType<Type>> {
    for (;;) {
      while (this.#cursor < this.events.length) {
        const event = this.events[this.#cursor++]!;
        if (event.type === type) return event as OfType<Type>;
      }
      if (this.#over) throw new Error(`Closed while waiting for "${type}"`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#request.destroy();
  }

  #take(text: string): void {
    const messages = (this.#rest + text).split('\n\n');
    this.#rest = messages.pop() ?? '';
    for (const line of messages.flatMap((message) => message.split('\n'))) {
      if (line.startsWith('data: ')) this.events.push(JSON.parse(line.slice(6)) as RelayEvent);
      if (line.startsWith('id: ')) this.ids.push(Number(line.slice(4)));
    }
    this.#wake();
  }
}
