import type uPlot from 'uplot';
import type { StreamSample } from '../../src/protocol/stream-detail';
import { formatBitrate } from '../words/format';

/** px. */
const HEIGHT = 190;
/** uPlot has names for sides for types alone: `uPlot.Axis.Side.Right`. */
const ON_THE_RIGHT = { side: 1 };

/**
 * `<rate-chart>`: bitrate and viewers of the last minutes, drawn by uPlot, which is loaded only where it stands. It is for
 * the eye: the figures beside it say the same in words.
 */
class RateChart extends HTMLElement {
  #samples: readonly StreamSample[] = [];
  #plot: uPlot | undefined;
  #making = false;
  readonly #size = new ResizeObserver(() => this.#fit());
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');

  connectedCallback(): void {
    this.setAttribute('role', 'img');
    this.#size.observe(this);
    this.#dark.addEventListener('change', this.#redraw);
    void this.#draw();
  }

  disconnectedCallback(): void {
    this.#size.disconnect();
    this.#dark.removeEventListener('change', this.#redraw);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  /** What is drawn, oldest first. */
  set samples(samples: readonly StreamSample[]) {
    this.#samples = samples;
    void this.#draw();
  }

  readonly #redraw = (): void => {
    this.#plot?.destroy();
    this.#plot = undefined;
    void this.#draw();
  };

  async #draw(): Promise<void> {
    this.setAttribute('aria-label', chartWords(this.#samples));
    if (this.#plot !== undefined) this.#plot.setData(columns(this.#samples));
    if (this.#plot !== undefined || this.#making || !this.isConnected || this.#samples.length < 2) return;
    this.#making = true;
    const { default: Plot } = await import('uplot').finally(() => {
      this.#making = false;
    });
    this.#make(Plot);
  }

  /** Taken off the page in the meantime, it draws nothing. */
  #make(Plot: typeof uPlot): void {
    if (this.isConnected) this.#plot = new Plot(options(this), columns(this.#samples), this);
  }

  #fit(): void {
    if (this.clientWidth > 0) this.#plot?.setSize({ width: this.clientWidth, height: HEIGHT });
  }
}

function columns(samples: readonly StreamSample[]): uPlot.AlignedData {
  return [samples.map(({ at }) => at / 1000), samples.map(({ bitrate }) => bitrate), samples.map(({ viewers }) => viewers)];
}

/** The colours are those of the page, which a canvas doesn't inherit. */
function options(host: HTMLElement): uPlot.Options {
  const [quiet, line, rate, viewers] = [colour(host, 'var(--quiet)'), colour(host, 'var(--line)'), colour(host, 'var(--accent)'), colour(host, 'var(--warn)')];
  const font = `12px ${getComputedStyle(host).fontFamily}`;
  const axis = { stroke: quiet, font, ticks: { show: false }, grid: { stroke: line, width: 1 } };
  const upFromZero = (_plot: uPlot, _min: number, max: number): [number, number] => [0, Math.max(1, max * 1.1)];
  const people: uPlot.Axis = { ...axis, scale: 'viewers', size: 40, grid: { show: false }, values: (_plot, splits) => splits.map((count) => (Number.isInteger(count) ? String(count) : '')) };
  Object.assign(people, ON_THE_RIGHT);
  return {
    width: host.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { rate: { range: upFromZero }, viewers: { range: (plot, min, max) => [0, Math.max(4, upFromZero(plot, min, max)[1])] } },
    axes: [
      { ...axis, grid: { show: false }, space: 100, size: 30, gap: 8, values: (_plot, splits) => splits.map(clock) },
      { ...axis, scale: 'rate', size: 88, values: (_plot, splits) => splits.map((bits) => (bits === 0 ? '0' : formatBitrate(bits))) },
      people,
    ],
    series: [
      {},
      { scale: 'rate', stroke: rate, width: 2, fill: colour(host, 'color-mix(in srgb, var(--accent) 16%, transparent)'), points: { show: false } },
      { scale: 'viewers', stroke: viewers, width: 2, dash: [6, 4], points: { show: false } },
    ],
  };
}

/** A colour of the style sheet as it is just now: light or dark. */
function colour(host: HTMLElement, value: string): string {
  host.style.color = value;
  const { color } = getComputedStyle(host);
  host.style.color = '';
  return color;
}

function clock(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toLocaleTimeString();
}

function chartWords(samples: readonly StreamSample[]): string {
  const rates = samples.map(({ bitrate }) => bitrate);
  if (rates.length < 2) return 'Bitrate: nothing to draw yet';
  return `Bitrate of the last ${samples.length} seconds: between ${formatBitrate(Math.min(...rates))} and ${formatBitrate(Math.max(...rates))}`;
}

customElements.define('rate-chart', RateChart);
