import { render } from 'lit/html.js';
import type { EncoderChoice } from '../publisher/publisher-options';
import type { PublisherStats } from '../publisher/publisher-state';
import theme from '../pages/theme.css?inline';
import type { StudioState } from './on-air';
import { Studio } from './studio';
import { studioSession } from './studio-session';
import { ENCODERS, type StudioSettings } from './studio-settings';
import style from './sluice-studio.css?inline';
import { STATE_WORDS, studioView } from './studio-view';
import type { Trouble } from './trouble';
import type { Warning } from './warning-board';

/** How long the button says what came of copying, ms. */
const COPIED_SHOWN = 2_000;

/** On a server, where pages are rendered, there are no elements: there it can be imported, but not made. */
const BaseElement = typeof HTMLElement === 'undefined' ? (Object as unknown as typeof HTMLElement) : HTMLElement;

/** The events that the element tells. */
export interface SluiceStudioEventMap {
  statechange: CustomEvent<StudioState>;
  /** Twice a second while it is on air. */
  stats: CustomEvent<PublisherStats>;
  /** Something goes on, but not well; told once for as long as it lasts. */
  warning: CustomEvent<Warning>;
  /** It can't go on before somebody does something. */
  error: CustomEvent<Trouble>;
}

/**
 * A broadcasting studio: `<sluice-studio src="/publish/NAME" controls></sluice-studio>`. Camera, microphone and screen, a preview,
 * and a broadcast that goes on over lost connections and devices. Its events are those of `SluiceStudioEventMap`.
 */
export class SluiceStudioElement extends BaseElement {
  static readonly observedAttributes = ['src', 'encoder', 'quality', 'controls'];

  #studio: Studio | undefined;
  #toldState: StudioState = 'off';
  #toldTrouble: string | undefined;
  #copied: string | undefined;
  #copyTimer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  readonly #root: ShadowRoot;

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    const sheets = [theme, style].map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
    this.#root.adoptedStyleSheets = sheets;
    for (const touch of ['pointerdown', 'keydown']) this.addEventListener(touch, () => this.#studio?.wake());
    this.addEventListener('keydown', (event) => this.#press(event));
  }

  /** Where to publish: `/publish/NAME`, perhaps with `?token=`, or a whole address of it. Another value ends the broadcast, and begins anew. */
  get src(): string {
    return this.getAttribute('src') ?? '';
  }

  set src(value: string) {
    this.setAttribute('src', value);
  }

  /** Who encodes: `auto`, `webcodecs` or `mediarecorder`. */
  get encoder(): EncoderChoice {
    return this.#studio?.settings.encoder ?? encoderFrom(this.getAttribute('encoder')) ?? 'auto';
  }

  set encoder(value: EncoderChoice) {
    this.setAttribute('encoder', value);
  }

  /** A preset of the picture's quality, by its name: `standard`, `high`, `smooth`, `low`, `lowest`, or `custom`. */
  get quality(): string {
    return this.#studio?.settings.quality ?? this.getAttribute('quality') ?? 'standard';
  }

  set quality(value: string) {
    this.setAttribute('quality', value);
  }

  /** Whether it shows buttons and menus; else only the picture, whether it is on air, and what is wrong. */
  get controls(): boolean {
    return this.hasAttribute('controls');
  }

  set controls(value: boolean) {
    this.toggleAttribute('controls', value);
  }

  /** What it is doing. */
  get state(): StudioState {
    return this.#studio?.state ?? 'off';
  }

  /** The same in words, for people. */
  get stateText(): string {
    return STATE_WORDS[this.state].words;
  }

  /** How the broadcast gets on; undefined before it has begun. */
  get stats(): PublisherStats | undefined {
    return this.#studio?.stats;
  }

  /** What goes on, but not well. */
  get warnings(): readonly Warning[] {
    return this.#studio?.warnings ?? [];
  }

  /** What keeps it from working; null if nothing does. */
  get error(): Trouble | null {
    return this.#studio?.troubles[0] ?? null;
  }

  /** What is previewed, and sent; null before the camera is on. */
  get stream(): MediaStream | null {
    return this.#studio?.preview.capture?.stream ?? null;
  }

  /** Whether the picture is sent, not black. */
  get pictureOn(): boolean {
    return this.#studio?.preview.pictureOn ?? true;
  }

  set pictureOn(on: boolean) {
    if (this.#studio !== undefined) this.#studio.preview.pictureOn = on;
  }

  /** Whether the microphone is sent, not silence. */
  get microphoneOn(): boolean {
    return this.#studio?.preview.microphoneOn ?? true;
  }

  set microphoneOn(on: boolean) {
    if (this.#studio !== undefined) this.#studio.preview.microphoneOn = on;
  }

  /**
   * Goes live; with the camera, if nothing is previewed yet. Resolves once it is on air.
   * @throws Error with what is wrong, as `error` tells it.
   */
  async start(): Promise<void> {
    const studio = this.#studio;
    if (studio === undefined) throw new Error('There is no relay to publish to: set "src"');
    if (studio.preview.capture === undefined) await studio.preview.open();
    studio.goLive();
    await this.#onAir(studio);
  }

  /** Ends the broadcast; resolves when the relay was told. The preview stays. */
  async stop(): Promise<void> {
    await this.#studio?.stop();
  }

  connectedCallback(): void {
    if (this.#studio === undefined) this.#open();
  }

  disconnectedCallback(): void {
    // Moved within the page, it is connected again by now.
    queueMicrotask(() => {
      if (!this.isConnected) this.#close();
    });
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now || !this.isConnected) return;
    if (name === 'src') {
      this.#close();
      this.#open();
    } else if (name === 'encoder') this.#studio?.setEncoder(encoderFrom(now) ?? 'auto');
    else if (name === 'quality' && now !== null) void this.#studio?.setQuality(now);
    this.#show();
  }

  override addEventListener<Type extends keyof (SluiceStudioEventMap & Omit<HTMLElementEventMap, 'error'>)>(
    type: Type,
    listener: (event: (SluiceStudioEventMap & Omit<HTMLElementEventMap, 'error'>)[Type]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  override addEventListener(type: string, listener: unknown, options?: boolean | AddEventListenerOptions): void {
    super.addEventListener(type, listener as EventListener, options);
  }

  #open(): void {
    if (this.src === '') return;
    const encoder = encoderFrom(this.getAttribute('encoder'));
    const quality = this.getAttribute('quality');
    const preset: Partial<Pick<StudioSettings, 'encoder' | 'quality'>> = { ...(encoder !== undefined && { encoder }), ...(quality !== null && { quality }) };
    const studio: Studio = new Studio({
      url: new URL(this.src, document.baseURI),
      session: studioSession(() => sessionStorage),
      preset,
      changed: () => {
        if (this.#studio === studio) this.#changed();
      },
      warned: (warning) => this.#tell('warning', warning),
      measured: (stats) => this.#tell('stats', stats),
      picture: () => this.#root.querySelector('video'),
    });
    this.#studio = studio;
    this.#show();
    this.#showLevel();
    void studio.begin();
  }

  #close(): void {
    cancelAnimationFrame(this.#frame);
    const studio = this.#studio;
    this.#studio = undefined;
    void studio?.close();
    render(null, this.#root);
    if (this.#toldState !== 'off') this.#tell('statechange', (this.#toldState = 'off'));
  }

  #changed(): void {
    this.#show();
    if (this.#toldState !== this.state) this.#tell('statechange', (this.#toldState = this.state));
    const { error } = this;
    if (error !== null && error.title !== this.#toldTrouble) this.#tell('error', error);
    this.#toldTrouble = error?.title;
  }

  #show(): void {
    if (this.#studio === undefined) return;
    const share = (navigator as { share?: Navigator['share'] }).share === undefined ? undefined : () => void this.#share();
    render(studioView(this.#studio, { controls: this.controls, copied: this.#copied, copy: () => void this.#copy(), share }), this.#root);
  }

  #showLevel(): void {
    const meter = this.#root.querySelector<HTMLMeterElement>('#level');
    if (meter !== null) meter.value = this.#studio?.level() ?? 0;
    this.#frame = requestAnimationFrame(() => this.#showLevel());
  }

  /** Letters do it only where nothing is written or chosen by them. */
  #press(event: KeyboardEvent): void {
    const [target] = event.composedPath();
    if (event.ctrlKey || event.metaKey || event.altKey || target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
    if (event.key === 'm') this.microphoneOn = !this.microphoneOn;
    if (event.key === 'v') this.pictureOn = !this.pictureOn;
  }

  #onAir(studio: Studio): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (studio.state === 'live') resolve();
        else if (studio.state === 'off') reject(new Error(studio.troubles[0]?.title ?? 'The broadcast was stopped'));
        else return;
        this.removeEventListener('statechange', look);
      };
      this.addEventListener('statechange', look);
      look();
    });
  }

  async #copy(): Promise<void> {
    const copied = await navigator.clipboard.writeText(this.#studio?.watchUrl ?? '').then(
      () => true,
      () => false,
    );
    clearTimeout(this.#copyTimer);
    this.#copied = copied ? 'Copied' : 'Not allowed: copy it by hand';
    this.#show();
    this.#copyTimer = setTimeout(() => {
      this.#copied = undefined;
      this.#show();
    }, COPIED_SHOWN);
  }

  async #share(): Promise<void> {
    // Refused when the visitor thinks better of it.
    await navigator.share({ title: this.#studio?.name ?? '', url: this.#studio?.watchUrl ?? '' }).catch(() => undefined);
  }

  #tell<Type extends keyof SluiceStudioEventMap>(type: Type, detail: SluiceStudioEventMap[Type]['detail']): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function encoderFrom(text: string | null): EncoderChoice | undefined {
  return ENCODERS.find((encoder) => encoder === text);
}

// In a worker, where the same script runs, there are no elements.
if (typeof customElements !== 'undefined' && customElements.get('sluice-studio') === undefined) customElements.define('sluice-studio', SluiceStudioElement);

declare global {
  interface HTMLElementTagNameMap {
    'sluice-studio': SluiceStudioElement;
  }
}
