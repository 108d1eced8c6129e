import { formatBitrate } from '../words/format';
import { codecName } from '../words/media-words';
import type { PlayerStats } from './player-stats';

/** Points of the graph: one a second. */
const POINTS = 90;
/** The graph's own units. */
const WIDTH = 180;
const HEIGHT = 44;
/** The graph reaches at least to this, seconds. */
const LEAST_TOP = 0.25;

const GRAPH = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Latency and buffer over the last ${POINTS} seconds" preserveAspectRatio="none"><polyline data-line="latency"></polyline><polyline data-line="buffer"></polyline></svg>`;
const MARKUP = `<dl></dl>${GRAPH}<p><span data-key="latency">latency</span> <span data-key="buffer">buffer</span> <span data-top></span></p>`;

/** Shows a player's figures over its picture, with a graph of latency and buffer. */
export class StatsOverlay {
  readonly #root: HTMLElement;
  readonly #history: { readonly latency: number; readonly buffer: number }[] = [];

  constructor(root: HTMLElement) {
    this.#root = root;
    root.innerHTML = MARKUP;
  }

  /** Takes figures, about once a second, and shows them if it is shown. */
  show(stats: PlayerStats): void {
    this.#history.push(stats);
    if (this.#history.length > POINTS) this.#history.shift();
    if (this.#root.hidden) return;
    const list = this.#root.querySelector('dl');
    list?.replaceChildren(...rows(stats).flatMap(([name, value]) => [made('dt', name), made('dd', value)]));
    this.#draw();
  }

  #draw(): void {
    const top = Math.max(LEAST_TOP, ...this.#history.flatMap(({ latency, buffer }) => [latency, buffer]).filter((value) => Number.isFinite(value)));
    for (const line of ['latency', 'buffer'] as const) {
      const points = this.#history.flatMap((stats, i) => {
        const x = WIDTH - ((this.#history.length - 1 - i) * WIDTH) / (POINTS - 1);
        const y = HEIGHT - (Math.max(0, stats[line]) / top) * HEIGHT;
        return Number.isFinite(y) ? [`${x.toFixed(1)},${y.toFixed(1)}`] : [];
      });
      this.#root.querySelector(`[data-line="${line}"]`)?.setAttribute('points', points.join(' '));
    }
    const label = this.#root.querySelector('[data-top]');
    if (label !== null) label.textContent = `top ${milliseconds(top)}`;
  }
}

const TRANSPORTS: Readonly<Record<PlayerStats['feed'], string>> = {
  worker: 'WebSocket, in a worker',
  page: 'WebSocket, in the page',
  'hls.js': 'HLS, by hls.js',
  native: 'HLS, by the browser',
};

const SOUNDS: Readonly<Record<PlayerStats['sound'], string>> = {
  none: 'none',
  silence: 'none, beside silence',
  element: "by the video's own way",
  'web-audio': 'through Web Audio',
};

function rows(stats: PlayerStats): (readonly [name: string, value: string])[] {
  const { latency, firstFrame, buffer, target, rate, bitrate, frameRate, dropped, frames, skips, stalls, seeks, feed, sound, mime, epoch, width, height } = stats;
  const codecs = /codecs="([^"]*)"/.exec(mime)?.[1]?.split(/,\s*/) ?? [];
  return [
    ['Latency', milliseconds(latency)],
    ['First picture', milliseconds(firstFrame)],
    ['Buffer', `${milliseconds(buffer)}, target ${milliseconds(target)}`],
    ['Rate', `×${rate.toFixed(2)}`],
    ['Bitrate', Number.isNaN(bitrate) ? '–' : formatBitrate(bitrate)],
    ['Picture', width > 0 ? `${width}×${height}, ${Number.isNaN(frameRate) ? '–' : frameRate.toFixed(1)} fps` : 'none'],
    ['Dropped', `${dropped} of ${frames} frames`],
    ['Stalls', `${stalls}, skips ${skips}, seeks ${seeks}`],
    ['Codecs', codecs.map(codecName).join(' + ') || '–'],
    ['Sound', SOUNDS[sound]],
    ['Transport', TRANSPORTS[feed]],
    ['Epoch', epoch || '–'],
  ];
}

function milliseconds(seconds: number): string {
  return Number.isFinite(seconds) ? `${Math.round(seconds * 1000)} ms` : '–';
}

function made(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
