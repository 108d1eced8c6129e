/** How long the button says what came of it, ms. */
const SHOWN = 2_000;

/**
 * `<copy-line text="…" label="…">`: a line of text with a button that copies it, also where the page
 * may not use the clipboard (http on another machine): there it is selected and copied the old way.
 */
export class CopyLine extends HTMLElement {
  static readonly observedAttributes = ['text', 'label'];
  readonly #code = document.createElement('code');
  readonly #button = document.createElement('button');
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.#button.type = 'button';
    this.#button.className = 'button small';
    this.#button.textContent = 'Copy';
    this.#button.addEventListener('click', () => void this.#copy());
  }

  connectedCallback(): void {
    if (this.#code.parentNode !== this) this.append(this.#code, this.#button);
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
    this.#button.textContent = 'Copy';
  }

  attributeChangedCallback(): void {
    const text = this.getAttribute('text') ?? '';
    if (this.#code.textContent !== text) this.#code.replaceChildren(...words(text));
    this.#button.setAttribute('aria-label', `Copy ${this.getAttribute('label') ?? 'this line'}`);
  }

  async #copy(): Promise<void> {
    const copied = (await this.#toClipboard()) || this.#bySelection();
    // A screen reader reads the focused button again when its name changes.
    this.#say(copied ? 'Copied' : 'Selected: press Ctrl+C');
  }

  async #toClipboard(): Promise<boolean> {
    // Absent where the page is neither https nor localhost.
    const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
    if (clipboard === undefined) return false;
    return clipboard.writeText(this.#code.textContent).then(
      () => true,
      () => false,
    );
  }

  /** Leaves the line selected, so that it can be copied by hand if the browser won't. */
  #bySelection(): boolean {
    getSelection()?.selectAllChildren(this.#code);
    // Deprecated, and the only way without a clipboard.
    return (document as { execCommand(command: 'copy'): boolean }).execCommand('copy');
  }

  #say(words: string): void {
    clearTimeout(this.#timer);
    this.#button.textContent = words;
    this.#button.setAttribute('aria-label', words);
    this.#timer = setTimeout(() => {
      this.#button.textContent = 'Copy';
      this.attributeChangedCallback();
    }, SHOWN);
  }
}

/** Each word in a span, so that the style sheet can keep it whole. */
function words(text: string): (string | HTMLElement)[] {
  return text.split(/( )/).map((word) => {
    if (word === ' ') return word;
    const span = document.createElement('span');
    span.textContent = word;
    return span;
  });
}

customElements.define('copy-line', CopyLine);
