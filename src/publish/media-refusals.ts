import { Inject, Injectable } from '@nestjs/common';
import { NewestMap } from '../base/newest-map';
import { CLOCK } from '../base/tokens';
import { entryOf, type ErrorCode, SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';

/** How long a refusal is remembered, ms. */
const REMEMBERED = 60_000;
/** How many are remembered. */
const MAX_REFUSALS = 1_000;
/** What is wrong with the media itself, and so will be again unless the publisher changes its flags. */
const OF_MEDIA: ReadonlySet<ErrorCode> = new Set([
  ...(['malformed-media', 'incomplete-media', 'no-media', 'chunk-too-large', 'init-too-large'] as const),
  ...(['not-a-container', 'not-fragmented', 'unsupported-codec', 'unsupported-layout', 'too-fast'] as const),
]);

/** Who pushes what. */
export interface Pusher {
  /** Name of the stream. */
  readonly name: string;
  /** Whom the grant to publish was given to. */
  readonly who: string;
  readonly address: string;
}

/** The texts of an error, but not the error: its stack refers to the parser that has thrown it, with up to a chunk of media. */
interface Remembered {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  /** By the clock of the relay, ms. */
  readonly until: number;
}

/**
 * Media that was refused after its push had begun. Programs such as ffmpeg read no answer by then, but they do read one before
 * "100 Continue": whoever comes again within a minute and waits for that gets the refusal there. Each refusal is given once,
 * so that whoever has changed the flags in the meantime is let in by the try after that.
 */
@Injectable()
export class MediaRefusals {
  readonly #clock: Clock;
  readonly #refusals = new NewestMap<Remembered>(MAX_REFUSALS);

  constructor(@Inject(CLOCK) clock: Clock) {
    this.#clock = clock;
  }

  /** Remembers that a push had to end, if that was because of its media. */
  note(pusher: Pusher, error: SluiceError): void {
    const { code, message } = error;
    if (OF_MEDIA.has(code)) this.#refusals.set(keyOf(pusher), { code, message, remedy: entryOf(error).remedy, until: this.#clock.now() + REMEMBERED });
  }

  /** Forgets a refusal: media of this publisher was taken. */
  forget(pusher: Pusher): void {
    this.#refusals.delete(keyOf(pusher));
  }

  /** Returns, once, why the media of this publisher was refused within the last minute. */
  take(pusher: Pusher): SluiceError | undefined {
    const found = this.#refusals.get(keyOf(pusher));
    this.forget(pusher);
    if (found === undefined || this.#clock.now() >= found.until) return undefined;
    return new SluiceError(found.code, found.message, { remedy: found.remedy });
  }
}

/** What is answered to a push whose predecessor was refused so. */
export function reminderOf(error: SluiceError): SluiceError {
  return new SluiceError(error.code, `The last push was refused: ${error.message}. The next one is let in`, { remedy: entryOf(error).remedy });
}

function keyOf({ name, who, address }: Pusher): string {
  return JSON.stringify([name, who, address]);
}
