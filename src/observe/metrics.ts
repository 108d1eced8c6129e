import { Inject, Injectable, Optional } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LossyLog } from '../base/log';
import { LOG } from '../base/tokens';
import { Sources } from '../ffmpeg/sources';
import type { SourceInfo } from '../protocol/source-info';
import type { ViewerTransport } from '../protocol/viewer-info';
import { StreamRegistry } from '../relay/stream-registry';
import { type ReportSink, ViewerReports } from '../relay/viewer-reports';

const TRANSPORTS: readonly ViewerTransport[] = ['sluice.v1', 'websocket', 'progressive', 'hls'];
const SOURCE_STATES: readonly SourceInfo['state'][] = ['running', 'restarting', 'stopped', 'failed'];
/** Bounds of what viewers report, seconds. */
const SECONDS = [0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30];

/** Those of the process: one for all relays in it, since they can't be taken back. */
let processMetrics: Registry | undefined;

/**
 * What the relay tells Prometheus. Nothing is counted here that the relay counts itself: it is read when it is asked for.
 * No label holds what anybody outside chose, so that there are never more than a few dozen series.
 */
@Injectable()
export class Metrics extends ViewerReports {
  readonly #register = new Registry();
  readonly #latency: Histogram;
  readonly #firstFrame: Histogram;
  readonly #buffer: Histogram;
  readonly #stalls: Counter;
  readonly #dropped: Counter;

  constructor(registry: StreamRegistry, @Optional() sources?: Sources, @Optional() @Inject(LOG) log?: Pick<LossyLog, 'dropped'>) {
    super();
    const registers = [this.#register];
    this.#latency = new Histogram({ name: 'sluice_viewer_latency_seconds', help: 'From capture to picture, as viewers report it', buckets: SECONDS, registers });
    this.#firstFrame = new Histogram({ name: 'sluice_viewer_first_frame_seconds', help: 'From opening the connection to the first picture, as viewers report it once', buckets: SECONDS, registers });
    this.#buffer = new Histogram({ name: 'sluice_viewer_buffer_seconds', help: 'Media that viewers hold ahead, as they report it', buckets: SECONDS, registers });
    this.#stalls = new Counter({ name: 'sluice_viewer_stalls_total', help: 'How often players stood still, as viewers report it', registers });
    this.#dropped = new Counter({ name: 'sluice_viewer_dropped_frames_total', help: 'Frames that players decoded and did not show, as viewers report it', registers });
    this.#readStreams(registry);
    this.#readTotals(registry);
    this.#total('sluice_log_lines_dropped_total', 'Lines of the log that were dropped, since whatever reads it was too slow or could not take them', () => log?.dropped ?? 0);
    this.#readSources(sources);
  }

  /** The type of what `text` gives. */
  get contentType(): string {
    return this.#register.contentType;
  }

  /** Everything, in the text format of Prometheus. */
  text(): Promise<string> {
    if (processMetrics === undefined) {
      processMetrics = new Registry();
      collectDefaultMetrics({ register: processMetrics });
    }
    return Registry.merge([this.#register, processMetrics]).metrics();
  }

  /** Takes the reports of one more viewer. What it counts from its own start is counted on from what it said before. */
  reports(): ReportSink {
    let stalls = 0;
    let dropped = 0;
    let started = false;
    return (report) => {
      if (isTime(report.latency)) this.#latency.observe(report.latency);
      if (isTime(report.firstFrame) && !started) {
        started = true;
        this.#firstFrame.observe(report.firstFrame);
      }
      if (isTime(report.buffer)) this.#buffer.observe(report.buffer);
      const newStalls = atLeast(stalls, report.stalls);
      this.#stalls.inc(newStalls - stalls);
      stalls = newStalls;
      const newDropped = atLeast(dropped, report.dropped);
      this.#dropped.inc(newDropped - dropped);
      dropped = newDropped;
    };
  }

  #readStreams(registry: StreamRegistry): void {
    const registers = [this.#register];
    new Gauge({
      name: 'sluice_streams',
      help: 'Streams that are live, and those held for a publisher that broke off or has sent no media yet',
      labelNames: ['state'],
      registers,
      collect() {
        const { live, held } = registry.census();
        this.set({ state: 'live' }, live);
        this.set({ state: 'held' }, held);
      },
    });
    new Gauge({
      name: 'sluice_viewers',
      help: 'Viewers by the door that they came by',
      labelNames: ['transport'],
      registers,
      collect() {
        const { viewers } = registry.census();
        for (const transport of TRANSPORTS) this.set({ transport }, viewers.get(transport) ?? 0);
      },
    });
  }

  #readSources(sources?: Pick<Sources, 'list'>): void {
    const registers = [this.#register];
    const list = (): readonly SourceInfo[] => sources?.list() ?? [];
    new Gauge({
      name: 'sluice_sources',
      help: 'Sources that the operator configured, by how they do',
      labelNames: ['state'],
      registers,
      collect() {
        const all = list();
        for (const state of SOURCE_STATES) this.set({ state }, all.filter((source) => source.state === state).length);
      },
    });
    new Counter({
      name: 'sluice_source_restarts_total',
      help: 'How often ffmpeg was started again for a source that had failed',
      registers,
      collect() {
        this.reset();
        this.inc(list().reduce((sum, { restarts }) => sum + restarts, 0));
      },
    });
  }

  /** Counts what somebody else counts, and `read` gives. */
  #total(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.#register],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  #readTotals({ totals }: StreamRegistry): void {
    const registers = [this.#register];
    const total = (name: string, help: string, read: () => number): void => this.#total(name, help, read);
    total('sluice_received_bytes_total', 'Media from publishers', () => totals.receivedBytes);
    total('sluice_received_chunks_total', 'Chunks from publishers', () => totals.receivedChunks);
    total('sluice_sent_bytes_total', 'Media to viewers', () => totals.sentBytes);
    total('sluice_sent_messages_total', 'Messages with media to viewers', () => totals.sentMessages);
    total('sluice_viewer_behind_total', 'How often a viewer fell behind and was sent nothing more', () => totals.shuts);
    total('sluice_viewer_behind_seconds_total', 'How long viewers were sent nothing until they had caught up', () => totals.shutTime / 1000);
    total('sluice_skips_total', 'How often a viewer was not sent what it had missed', () => totals.skips);
    total('sluice_skipped_bytes_total', 'Media that viewers were not sent', () => totals.skippedBytes);
    total('sluice_internal_errors_total', 'Faults of the relay itself: what was thrown that nobody foresaw', () => totals.internalErrors);
    new Counter({
      name: 'sluice_errors_total',
      help: 'Errors told to publishers and viewers',
      labelNames: ['code'],
      registers,
      collect() {
        this.reset();
        for (const [code, count] of totals.errors) this.inc({ code }, count);
      },
    });
  }
}

/** A day and more is no latency, but a clock that is wrong. */
function isTime(value: number | undefined): value is number {
  return value !== undefined && value >= 0 && value < 86_400;
}

/** What a viewer counts never falls, and it never counts beyond a million: else it was made up. */
function atLeast(before: number, said = before): number {
  return Math.max(before, Math.min(said, 1_000_000));
}
