import { CustomVideoElement } from 'custom-media-element';
import type { TrackInfo } from '../../src/protocol/watch-message';
import { setFeedScript } from './feed-link';
import { HlsPlayer } from './hls-player';
import { answersHls, hlsAddress } from './hls-script';
import { LivePlayer } from './live-player';
import { hasMediaSource } from './media-source';
import type { LivePlayerListener, LivePlayerOptions, PlayerFailure } from './player-listener';
import { failed, IDLE, type PlayerState, type PlayerStateName } from './player-state';
import type { PlayerStats } from './player-stats';
import { StatsOverlay } from './stats-overlay';
import style from './sluice-video.css?inline';
import type { StreamPlayer } from './stream-player';
import { watchAddress } from './watch-address';

/** Attributes whose change begins anew. */
const DECISIVE: readonly string[] = ['src', 'target-buffer', 'back-buffer', 'transport', 'sound-path'];
/** Those that the player heeds itself, in place of the `<video>` inside. */
const OWN_ATTRIBUTES: readonly string[] = [...DECISIVE, 'autoplay', 'preload', 'stats'];

/** How the element gets its media. */
export type Transport = 'websocket' | 'hls' | 'auto';

/** Relays that no WebSocket of this page reaches, as it has turned out. Another page tries anew. */
const BLOCKED_HOSTS = new Set<string>();
/** So far behind the live edge a picture is still called live, seconds. */
const LIVE_TOLERANCE = 3;
/** How much is kept of what was played, seconds. */
const BACK_BUFFER = 30;
/** The key that shows the figures, and hides them. */
const STATS_KEY = 's';

const PARTS = `<style>${style}</style><div part="cover" hidden></div><div part="state" role="status" hidden></div><div part="stats" hidden></div>`;

/** The events that the element has beside those of `<video>`. */
export interface SluiceVideoEventMap {
  statechange: CustomEvent<PlayerState>;
  /** About once a second while it plays. */
  latency: CustomEvent<PlayerStats>;
  /** Media from one time to another, in seconds, isn't shown, because the connection is slow. */
  skip: CustomEvent<{ readonly from: number; readonly to: number }>;
}

/** As `<video>` has it, and with the relay's code, or `media-failed`. */
export type PlayerError = MediaError & { readonly reason: string };

/**
 * A live `<video>`: `<sluice-video src="/watch/NAME" muted autoplay controls>`. It has the attributes, properties and events of
 * `<video>`, plays at the live edge, and keeps doing so over lost connections and publishers that begin again.
 *
 * Its own events are those of `SluiceVideoEventMap`. `error` tells that it has given up; what it mends by itself is no error.
 */
export class SluiceVideoElement extends CustomVideoElement {
  static override getTemplateHTML = (attributes: Record<string, string>): string => {
    const passed = Object.fromEntries(Object.entries(attributes).filter(([name]) => !OWN_ATTRIBUTES.includes(name)));
    return super.getTemplateHTML({ playsinline: '', ...passed }) + PARTS;
  };

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, ...DECISIVE, 'stats'];
  }

  /** Where a copy of the built player script lies, for pages that bundle it: its workers run that. */
  static set workerScript(url: string) {
    setFeedScript(new URL(url, document.baseURI).href);
  }

  #player: StreamPlayer | undefined;
  #state: PlayerState = IDLE;
  #failure: PlayerFailure | undefined;
  #overlay: StatsOverlay | undefined;
  readonly #keys = (event: KeyboardEvent): void => {
    if (event.key === STATS_KEY && !event.ctrlKey && !event.metaKey && !event.altKey) this.toggleStats();
  };

  /** What it is doing. */
  get state(): PlayerStateName {
    return this.#state.name;
  }

  /** The same in words, for people; empty where the picture says enough. */
  get stateText(): string {
    return this.#state.text;
  }

  /** Seconds from capture (as the publisher tells it, else from the relay's receipt) to the picture; NaN while unknown. */
  get latency(): number {
    return this.stats?.latency ?? NaN;
  }

  /** How far it plays behind the live edge, seconds; 0 as long as it follows it. */
  get lag(): number {
    return this.#player?.lag ?? 0;
  }

  /** How it plays, in figures; undefined without `src`. */
  get stats(): PlayerStats | undefined {
    return this.#player?.stats;
  }

  /** How much media it holds ahead of the picture: `auto`, as little as can be, or seconds. */
  get targetBuffer(): number | 'auto' {
    return numberFrom(this.getAttribute('target-buffer')) ?? 'auto';
  }

  set targetBuffer(value: number | 'auto') {
    this.setAttribute('target-buffer', String(value));
  }

  /** How much is kept of what was played, seconds. */
  get backBuffer(): number {
    return numberFrom(this.getAttribute('back-buffer')) ?? BACK_BUFFER;
  }

  set backBuffer(value: number) {
    this.setAttribute('back-buffer', String(value));
  }

  /** How media comes: `auto` is over a WebSocket, and as HLS where none gets through or the browser has no media sources. */
  get transport(): Transport {
    const value = this.getAttribute('transport');
    return value === 'websocket' || value === 'hls' ? value : 'auto';
  }

  set transport(value: Transport) {
    this.setAttribute('transport', value);
  }

  /** How sound leaves the page: `auto` is through Web Audio where that makes the latency less, `element` is as that of any `<video>`. */
  get soundPath(): 'auto' | 'element' {
    return this.getAttribute('sound-path') === 'element' ? 'element' : 'auto';
  }

  set soundPath(value: 'auto' | 'element') {
    this.setAttribute('sound-path', value);
  }

  /** Why it has given up; null if it hasn't. */
  override get error(): PlayerError | null {
    return this.#failure === undefined ? null : playerError(this.#failure);
  }

  /** The type of what is published, `video/mp4; codecs="…"`; empty while unknown. */
  get mime(): string {
    return this.#player?.media.mime ?? '';
  }

  /** The tracks of what is published. */
  get tracks(): readonly TrackInfo[] {
    return this.#player?.media.tracks ?? [];
  }

  /** `live`: for media-chrome's controls. */
  get streamType(): 'live' {
    return 'live';
  }

  /** 0: nothing behind the live edge is offered. For media-chrome's controls. */
  get targetLiveWindow(): number {
    return 0;
  }

  /** From here on the picture counts as live, seconds. For media-chrome's live button. */
  get liveEdgeStart(): number {
    return (this.#player?.liveEdge ?? NaN) - LIVE_TOLERANCE;
  }

  override get src(): string {
    return this.getAttribute('src') ?? '';
  }

  override set src(value: string) {
    this.setAttribute('src', value);
  }

  /** Goes to the live edge, and follows it from now on; plays if it was paused. */
  async seekToLive(): Promise<void> {
    this.#player?.seekToLive();
    if (this.paused) await this.play();
  }

  /** Shows the figures over the picture, or hides them. */
  toggleStats(): void {
    this.toggleAttribute('stats');
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('keydown', this.#keys);
    if (this.#player === undefined) this.load();
  }

  override disconnectedCallback(): void {
    this.removeEventListener('keydown', this.#keys);
    super.disconnectedCallback();
    // Whoever moves it removes it first: as with `<video>`, it plays on if it is back at once.
    queueMicrotask(() => {
      if (!this.isConnected) this.#stop();
    });
  }

  override attributeChangedCallback(name: string, before?: string | null, now?: string | null): void {
    if (!OWN_ATTRIBUTES.includes(name)) super.attributeChangedCallback(name, before, now);
    if (name === 'stats') this.#showStats();
    if (!DECISIVE.includes(name) || before === now) return;
    if (this.isConnected) this.load();
    else this.#stop();
  }

  /** Passes the events of the `<video>` on, but for its errors: those are mended, or told in the player's own words. */
  override handleEvent(event: Event): void {
    if (event.type !== 'error') super.handleEvent(event);
  }

  /** Begins anew with `src`. */
  override load(): void {
    this.#open(this.hasAttribute('autoplay'));
  }

  #open(autoplay: boolean): void {
    this.#stop();
    const src = this.getAttribute('src');
    if (src === null || src === '') return;
    const url = watchAddress(src, document.baseURI);
    if (url === undefined) {
      this.#refuse(src);
      return;
    }
    const { targetBuffer } = this;
    const options: LivePlayerOptions = {
      video: this.nativeEl,
      url,
      autoplay,
      target: targetBuffer === 'auto' ? undefined : targetBuffer,
      backBuffer: this.backBuffer,
      webAudio: this.soundPath === 'auto',
      listener: this.#listener,
    };
    this.#player = this.#wantsHls(url) ? new HlsPlayer(options) : new LivePlayer(options);
    if (autoplay || this.getAttribute('preload') !== 'none') this.#player.open();
  }

  /** `src` is no address: as with `<video>`, that is an error event, which comes after whoever has set it has gone on. */
  #refuse(src: string): void {
    const failure = { code: 'bad-request', message: `Invalid src "${src}": use /watch/NAME` };
    this.#failure = failure;
    this.#tell(failed(failure.message));
    queueMicrotask(() => {
      if (this.#failure === failure) this.dispatchEvent(new Event('error'));
    });
  }

  #wantsHls({ host }: URL): boolean {
    if (this.transport !== 'auto') return this.transport === 'hls';
    return BLOCKED_HOSTS.has(host) || !hasMediaSource();
  }

  /** No WebSocket gets through: goes on over HTTP if that does, and remembers it for this page. */
  async #leaveSocket(): Promise<void> {
    const player = this.#player;
    const url = watchAddress(this.src, document.baseURI);
    if (url === undefined || this.transport !== 'auto' || !(await answersHls(hlsAddress(url))) || this.#player !== player) return;
    BLOCKED_HOSTS.add(url.host);
    this.#open(this.hasAttribute('autoplay') || !this.paused);
  }

  get #listener(): LivePlayerListener {
    return {
      changed: (state) => {
        if (state.name !== 'failed') this.#failure = undefined;
        this.#tell(state);
      },
      measured: (stats) => {
        this.#overlay?.show(stats);
        this.dispatchEvent(new CustomEvent('latency', { detail: stats }));
      },
      skipped: (from, to) => this.dispatchEvent(new CustomEvent('skip', { detail: { from, to } })),
      failed: (failure) => {
        this.#failure = failure;
        this.dispatchEvent(new Event('error'));
      },
      blocked: () => void this.#leaveSocket(),
      cover: (stale) => {
        const cover = this.#part('cover');
        if (cover) cover.hidden = !stale;
      },
    };
  }

  #part(name: string): HTMLElement | null {
    return this.shadowRoot?.querySelector<HTMLElement>(`[part="${name}"]`) ?? null;
  }

  #stop(): void {
    this.#player?.close();
    this.#player = undefined;
    this.#failure = undefined;
    this.#tell(IDLE);
  }

  #showStats(): void {
    const root = this.#part('stats');
    if (root === null) return;
    root.hidden = !this.hasAttribute('stats');
    if (root.hidden) return;
    this.#overlay ??= new StatsOverlay(root);
    const stats = this.#player?.stats;
    if (stats !== undefined) this.#overlay.show(stats);
  }

  #tell(state: PlayerState): void {
    if (state.name === this.#state.name && state.text === this.#state.text) return;
    this.#state = state;
    const line = this.#part('state');
    if (line) {
      line.hidden = state.text === '';
      line.textContent = state.text;
    }
    // As with `<video>`, whoever has caused it goes on first: React, for one, is about to mount the element.
    queueMicrotask(() => this.dispatchEvent(new CustomEvent<PlayerState>('statechange', { detail: state })));
  }
}

function playerError({ code: reason, message }: PlayerFailure): PlayerError {
  const code = reason === 'media-failed' ? MediaError.MEDIA_ERR_DECODE : MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED;
  const fields = { code, message, reason };
  return Object.create(MediaError.prototype, Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { value, enumerable: true }]))) as PlayerError;
}

function numberFrom(text: string | null): number | undefined {
  const value = text === null || text === '' ? NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

// In a worker, where the same script runs, there are no elements.
if (typeof customElements !== 'undefined' && customElements.get('sluice-video') === undefined) customElements.define('sluice-video', SluiceVideoElement);

declare global {
  interface HTMLElementTagNameMap {
    'sluice-video': SluiceVideoElement;
  }
}
