import type { Trouble } from './trouble';

/** Something that the broadcaster should know, under a code that says what it is. */
export interface Warning extends Trouble {
  readonly code: string;
}

/** The warnings that stand: each for as long as it was told last. */
export class WarningBoard {
  readonly #raised: (warning: Warning) => void;
  readonly #standing = new Map<string, { readonly warning: Warning; readonly until: number }>();

  /** @param raised is called when a warning is new, not when it is told again. */
  constructor(raised: (warning: Warning) => void) {
    this.#raised = raised;
  }

  /** Shows `warning` until `until`, ms; told again, it stands longer. */
  raise(warning: Warning, until = Infinity): void {
    const isNew = !this.#standing.has(warning.code);
    this.#standing.set(warning.code, { warning, until });
    if (isNew) this.#raised(warning);
  }

  lower(code: string): void {
    this.#standing.delete(code);
  }

  /** What stands at `now`, ms. */
  list(now: number): readonly Warning[] {
    for (const [code, { until }] of this.#standing) if (until <= now) this.#standing.delete(code);
    return [...this.#standing.values()].map(({ warning }) => warning);
  }

  clear(): void {
    this.#standing.clear();
  }
}
