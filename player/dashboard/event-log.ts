import { eventStream, type Happening } from './event-words';

/** How many events are kept. */
const KEPT = 100;

/** What happened lately, newest first: the comings and goings of one stream's viewers in a row count as one. */
export class EventLog {
  #events: readonly Happening[] = [];

  get events(): readonly Happening[] {
    return this.#events;
  }

  /** Takes an event; one that was taken before, which a new connection may bring again, is ignored. */
  add(event: Happening): void {
    const [newest, ...older] = this.#events;
    if (newest !== undefined && event.id <= newest.id) return;
    const joint = newest === undefined ? undefined : joined(newest, event);
    this.#events = (joint === undefined ? [event, ...this.#events] : [joint, ...older]).slice(0, KEPT);
  }

  /** Those that are about one stream. */
  of(name: string): readonly Happening[] {
    return this.#events.filter((event) => eventStream(event) === name);
  }
}

function joined(one: Happening, next: Happening): Happening | undefined {
  if (one.type !== 'viewers-changed' || next.type !== 'viewers-changed' || one.name !== next.name) return undefined;
  return { ...next, joined: one.joined + next.joined, left: one.left + next.left };
}
