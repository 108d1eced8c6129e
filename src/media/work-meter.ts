/** What parsers count as work. One is about 0.1 µs; copying bytes costs so little that it isn't counted. */
export const Work = {
  /** The header of a box or element, or a piece of what is in one. */
  step: 1,
  /** An element of WebM that isn't skipped. */
  element: 8,
  /** A byte of an init segment, with what is read of it. */
  initByte: 4,
  /** A byte of an H.264 parameter set in a frame. */
  parameterByte: 5,
  /** A frame that is looked for in a block of WebM, also if it is empty. */
  laced: 6,
  /** A `moof`, and a box in one. */
  fragment: 20,
  fragmentBox: 2,
  /** So many samples of a fragment are read for one. */
  samplesRead: 8,
  /** A NAL unit of H.264 that is put in another frame. */
  nalUnit: 24,
  /** So many NAL units of a fragment, or bytes of SEI in it, are looked at for one, and bytes of parameter sets compared with those that are known. */
  unitsRead: 8,
  seiBytesRead: 32,
  setBytesCompared: 32,
  /** The beginning of a slice, which says to which parameter sets it refers. */
  sliceRead: 10,
  /** A sample of a fragment that is written anew. */
  sample: 16,
  /** A chunk, with its way to the relay. */
  chunk: 20,
  /** An init segment, with its way to the relay. */
  init: 2000,
} as const;

/**
 * Counts the work that bytes ask for, so that it can be spread over several turns of the event loop: a few bytes can ask for much.
 * A parser stops soon after the work of a turn is over, and says how many bytes it has taken.
 */
export class WorkMeter {
  readonly #perTurn: number;
  #spent = 0;
  #stopped = false;

  /** @param perTurn work that is done at one go, in the units of `Work`; without, all of it. */
  constructor(perTurn = Infinity) {
    this.#perTurn = perTurn;
  }

  /** In this turn. */
  get spent(): number {
    return this.#spent;
  }

  /** Whether no more should be done in this turn. */
  get over(): boolean {
    return this.#stopped || this.#spent >= this.#perTurn;
  }

  spend(work: number): void {
    this.#spent += work;
  }

  /** Nothing more should be done in this turn, however little was done. */
  stop(): void {
    this.#stopped = true;
  }

  nextTurn(): void {
    this.#spent = 0;
    this.#stopped = false;
  }
}
