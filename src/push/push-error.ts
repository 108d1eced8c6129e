import { StartError } from '../base/start-error';

/** Exit codes of `sluice push` and `sluice probe`. docs/publishing.md explains each. */
export const EXIT = { ended: 0, internal: 1, usage: 2, input: 3, refused: 4, unreachable: 5, interrupted: 130, terminated: 143 } as const;

/** Why a push or a probe failed. The message is one line for its user, without secrets. */
export class PushError extends StartError {
  readonly exitCode: number;

  constructor(what: 'usage' | 'input' | 'refused' | 'unreachable', message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'PushError';
    this.exitCode = EXIT[what];
  }
}
