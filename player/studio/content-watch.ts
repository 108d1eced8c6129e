import { brightness } from './brightness';
import { BLACK, SILENT } from './broadcast-warning';
import { QuietWatch } from './quiet-watch';
import type { Warning, WarningBoard } from './warning-board';

const SILENCE = { level: 0.03, patience: 10_000 };
const BLACKNESS = { level: 0.07, patience: 5_000 };

/** Warns of a broadcast of nothing: a microphone that gives no sound, a picture that is black. */
export class ContentWatch {
  readonly #warnings: WarningBoard;
  readonly #silence = new QuietWatch(SILENCE);
  readonly #blackness = new QuietWatch(BLACKNESS);
  #readLevel: (() => number | undefined) | undefined;
  /** The loudest since it was looked at last: a moment alone may fall between two words. */
  #peak: number | undefined;

  constructor(warnings: WarningBoard) {
    this.#warnings = warnings;
  }

  /** Other devices: nothing is known against them. @param readLevel reads how loud the microphone is, if there is one. */
  begin(readLevel: (() => number | undefined) | undefined): void {
    this.#readLevel = readLevel;
    for (const { code } of [SILENT, BLACK]) this.#warnings.lower(code);
  }

  /** How loud the microphone is: 0 to 1. */
  level(): number {
    const level = this.#readLevel?.();
    if (level !== undefined) this.#peak = Math.max(this.#peak ?? 0, level);
    return level ?? 0;
  }

  /** Looks again. What is off, or can't be seen, isn't missed. */
  look({ picture, microphoneOn }: { readonly picture: HTMLVideoElement | null; readonly microphoneOn: boolean }, now: number): void {
    this.level();
    const level = microphoneOn ? this.#peak : undefined;
    this.#peak = undefined;
    this.#stand(SILENT, this.#silence.take(level, now));
    this.#stand(BLACK, this.#blackness.take(picture === null ? undefined : brightness(picture), now));
  }

  #stand(warning: Warning, stands: boolean): void {
    if (stands) this.#warnings.raise(warning);
    else this.#warnings.lower(warning.code);
  }
}
