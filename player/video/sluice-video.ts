import { CustomVideoElement } from 'custom-media-element';
import type { TrackInfo } from '../../src/protocol/watch-message';
import { LivePlayer } from './live-player';
import { IDLE, type PlayerState, type PlayerStateName } from './player-state';
import { watchAddress } from './watch-address';

/** Attributes that the player heeds itself, in place of the `<video>` inside. */
const OWN_ATTRIBUTES: ReadonlySet<string> = new Set(['src', 'autoplay', 'preload']);

/** So far behind the live edge a picture is still called live, seconds. */
const LIVE_TOLERANCE = 3;

const STATE_TEMPLATE = `
  <style>
    :host { position: relative; }
    [part='state'] {
      position: absolute;
      inset: auto 0 0;
      margin: 0 auto;
      top: 50%;
      width: fit-content;
      height: fit-content;
      max-width: min(32em, 90%);
      padding: 0.5em 1em;
      border-radius: 0.5em;
      background: rgb(0 0 0 / 0.72);
      color: #fff;
      font: 1rem/1.4 system-ui, sans-serif;
      text-align: center;
      transform: translateY(-50%);
      pointer-events: none;
    }
    [part='state'][hidden] { display: none; }
  </style>
  <div part="state" role="status" hidden></div>`;

/**
 * A live `<video>`: `<sluice-video src="/watch/NAME" muted autoplay controls>`. It has the attributes, properties and events of
 * `<video>`, plays at the live edge, and keeps doing so over lost connections and publishers that begin again.
 *
 * Its own event is `statechange`, a `CustomEvent` whose `detail` is a `PlayerState`.
 */
export class SluiceVideoElement extends CustomVideoElement {
  static override getTemplateHTML = (attributes: Record<string, string>): string => {
    const passed = Object.fromEntries(Object.entries(attributes).filter(([name]) => !OWN_ATTRIBUTES.has(name)));
    return super.getTemplateHTML({ playsinline: '', ...passed }) + STATE_TEMPLATE;
  };

  #player: LivePlayer | undefined;
  #state: PlayerState = IDLE;

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
    return this.#player?.latency ?? NaN;
  }

  /** The type of what is published, `video/mp4; codecs="…"`; empty while unknown. */
  get mime(): string {
    return this.#player?.mime ?? '';
  }

  /** The tracks of what is published. */
  get tracks(): readonly TrackInfo[] {
    return this.#player?.tracks ?? [];
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

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.#player === undefined) this.load();
  }

  override disconnectedCallback(): void {
    this.#stop();
    super.disconnectedCallback();
  }

  override attributeChangedCallback(name: string, before?: string | null, now?: string | null): void {
    if (!OWN_ATTRIBUTES.has(name)) super.attributeChangedCallback(name, before, now);
    if (name === 'src' && before !== now && this.isConnected) this.load();
  }

  /** Begins anew with `src`. */
  override load(): void {
    this.#stop();
    const src = this.getAttribute('src');
    if (src === null || src === '') return;
    this.#player = new LivePlayer({
      video: this.nativeEl,
      url: watchAddress(src, document.baseURI),
      autoplay: this.hasAttribute('autoplay'),
      changed: (state) => this.#tell(state),
    });
    if (this.hasAttribute('autoplay') || this.getAttribute('preload') !== 'none') this.#player.open();
  }

  #stop(): void {
    this.#player?.close();
    this.#player = undefined;
    this.#tell(IDLE);
  }

  #tell(state: PlayerState): void {
    if (state.name === this.#state.name && state.text === this.#state.text) return;
    this.#state = state;
    const line = this.shadowRoot?.querySelector<HTMLElement>('[part="state"]');
    if (line) {
      line.hidden = state.text === '';
      line.textContent = state.text;
    }
    this.dispatchEvent(new CustomEvent<PlayerState>('statechange', { detail: state }));
  }
}

if (customElements.get('sluice-video') === undefined) customElements.define('sluice-video', SluiceVideoElement);

declare global {
  interface HTMLElementTagNameMap {
    'sluice-video': SluiceVideoElement;
  }
}
