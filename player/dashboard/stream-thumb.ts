import { pageToken } from '../net/page-address';

/** From one picture to the next, ms. */
const REFRESH = 4_000;
const NONE = 'No picture yet';
/** The longest wait after failures, ms. */
const LONGEST = 60_000;

/**
 * `<stream-thumb name="…">`: the newest picture of a stream, fetched every few seconds while it is seen, or the words that
 * there is none, which `none` may say otherwise. `paused` keeps the one it has. It is decoration: what it shows is named beside it.
 */
class StreamThumb extends HTMLElement {
  static readonly observedAttributes = ['name', 'paused', 'none'];
  readonly #picture = document.createElement('img');
  readonly #none = document.createElement('span');
  readonly #sight = new IntersectionObserver(([entry]) => this.#look(entry?.isIntersecting ?? false));
  #seen = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loading: HTMLImageElement | undefined;

  constructor() {
    super();
    this.#picture.alt = '';
    this.#picture.hidden = true;
    this.#none.textContent = NONE;
  }

  connectedCallback(): void {
    this.setAttribute('aria-hidden', 'true');
    if (this.#picture.parentNode !== this) this.append(this.#picture, this.#none);
    this.#sight.observe(this);
    document.addEventListener('visibilitychange', this.#follow);
  }

  disconnectedCallback(): void {
    this.#sight.disconnect();
    document.removeEventListener('visibilitychange', this.#follow);
    this.#look(false);
  }

  attributeChangedCallback(attribute: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (attribute === 'none') {
      this.#none.textContent = after ?? NONE;
      return;
    }
    if (attribute === 'name') {
      this.#picture.hidden = true;
      this.#none.hidden = false;
      this.#failures = 0;
    }
    this.#drop();
    this.#follow();
  }

  readonly #follow = (): void => {
    const wanted = this.#seen && document.visibilityState === 'visible' && !this.hasAttribute('paused');
    if (!wanted) this.#drop();
    else if (this.#timer === undefined && this.#loading === undefined) this.#load();
  };

  #look(seen: boolean): void {
    this.#seen = seen;
    this.#follow();
  }

  /** Loads beside the one that is shown, so that there is no blank between them. */
  #load(): void {
    this.#timer = undefined;
    const next = (this.#loading = new Image());
    next.onload = () => {
      this.#picture.src = next.src;
      this.#picture.hidden = false;
      this.#none.hidden = true;
      this.#failures = 0;
      this.#done();
    };
    next.onerror = () => {
      this.#failures++;
      this.#done();
    };
    const name = encodeURIComponent(this.getAttribute('name') ?? '');
    next.src = `api/streams/${name}/snapshot.jpg?at=${Date.now()}${pageToken('&')}`;
  }

  #done(): void {
    this.#loading = undefined;
    this.#timer = setTimeout(() => this.#load(), Math.min(REFRESH * 2 ** Math.min(this.#failures, 8), LONGEST));
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#loading !== undefined) {
      this.#loading.onload = this.#loading.onerror = null;
      this.#loading.src = '';
    }
    this.#loading = undefined;
  }
}

customElements.define('stream-thumb', StreamThumb);
