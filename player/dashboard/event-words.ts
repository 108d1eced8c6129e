import type { RelayEvent } from '../../src/protocol/api-event';
import type { SourceInfo } from '../../src/protocol/source-info';
import { formatDuration, plural } from '../words/format';
import { stoppedWords } from '../words/media-words';
import type { HealthLevel } from './publisher-health';

/** What happened, as opposed to how things stand. */
export type Happening = Exclude<RelayEvent, { type: 'stats' }>;

/** An event as it is told to people. */
interface EventWords {
  readonly level: HealthLevel | 'plain';
  readonly words: string;
}

/** An event in words. */
export function eventWords(event: Happening): EventWords {
  switch (event.type) {
    case 'stream-live':
      return { level: 'good', words: event.resumed ? `“${event.name}” is back` : `“${event.name}” is live` };
    case 'stream-held':
      return { level: 'warn', words: `The publisher of “${event.name}” broke off` };
    case 'stream-ended':
      return { level: 'plain', words: `“${event.name}” ${ending(event.reason)} after ${formatDuration(event.at - event.since)}` };
    case 'publisher-refused':
      return { level: 'warn', words: `${refused(event.count)} to “${event.name}” from ${event.address}: ${event.message}` };
    case 'viewers-changed':
      return { level: 'plain', words: `“${event.name}”: ${comings(event.joined, event.left)}, ${event.viewers} ${event.viewers === 1 ? 'watches' : 'watch'}` };
    case 'times-jumped':
      return { level: 'warn', words: `“${event.name}”: timestamps jumped ${event.seconds < 0 ? 'back' : 'forward'} by ${formatDuration(Math.abs(event.seconds) * 1000)}` };
    case 'keyframe-missing':
      return { level: 'warn', words: `“${event.name}”: no keyframe for ${formatDuration(event.seconds * 1000)}, viewers can’t join` };
    case 'tracks-stopped':
      return event.stopped.length === 0 ? { level: 'plain', words: `“${event.name}”: picture and sound come again` } : { level: 'warn', words: `“${event.name}”: ${stoppedWords(event.stopped)}` };
    case 'viewer-too-slow':
      return { level: 'warn', words: `“${event.name}”: ${plural(event.count, 'viewer')} too slow, let go` };
    case 'source-state':
      return sourceWords(event.source);
    default:
      return event satisfies never;
  }
}

/** The stream that an event is about. */
export function eventStream(event: Happening): string {
  return event.type === 'source-state' ? event.source.name : event.name;
}

function sourceWords({ name, state, message }: SourceInfo): EventWords {
  const why = message === undefined ? '' : `: ${message}`;
  switch (state) {
    case 'running':
      return { level: 'good', words: `Source “${name}” runs` };
    case 'restarting':
      return { level: 'warn', words: `Source “${name}” failed and starts again${why}` };
    case 'stopped':
      return { level: 'plain', words: `Source “${name}” stopped${why}` };
    case 'failed':
      return { level: 'bad', words: `Source “${name}” failed${why}` };
    default:
      return state satisfies never;
  }
}

function ending(reason: 'ended' | 'operator' | 'restart'): string {
  if (reason === 'operator') return 'was ended by an operator';
  return reason === 'restart' ? 'ended with the relay' : 'ended';
}

function refused(count: number): string {
  return count === 1 ? 'A publisher was refused' : `${count} publishers were refused`;
}

function comings(joined: number, left: number): string {
  const came = `${joined} came`;
  if (left === 0) return came;
  return joined === 0 ? `${left} left` : `${came} and ${left} left`;
}
