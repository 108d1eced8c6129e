/** How long an answer stays, ms. */
const SHOWN = 8_000;

/** Tells in a live region of the page what came of something, until it is old. */
export class Told {
  readonly #element: HTMLElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  readonly say = (words: string): void => {
    clearTimeout(this.#timer);
    this.#element.textContent = words;
    this.#timer = setTimeout(() => {
      this.#element.textContent = '';
    }, SHOWN);
  };
}
