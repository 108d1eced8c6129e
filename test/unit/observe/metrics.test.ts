import { toConfig } from '../../../src/config/config';
import { Metrics } from '../../../src/observe/metrics';
import type { SourceInfo } from '../../../src/protocol/source-info';
import { SluiceError } from '../../../src/protocol/error-code';
import { FfmpegSources } from '../../../src/publish/sources/ffmpeg-sources';
import { delta, key } from '../../support/fake-media';
import { FakeOutlet } from '../../support/fake-outlet';
import { FakeLink, FakeRelay } from '../../support/fake-relay';
import { listLog } from '../../support/relay';

/** A relay with metrics, and its values by the text before them. */
class Measured {
  readonly relay = new FakeRelay();
  readonly metrics = new Metrics(this.relay.registry);

  async values(): Promise<Map<string, number>> {
    const lines = (await this.metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line): [string, number] => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
  }
}

describe('metrics', () => {
  it('say what there is just now', async () => {
    const measured = new Measured();
    const { relay } = measured;
    relay.live().chunk(key());
    relay.registry.publish('new', new FakeLink());
    relay.watch();
    const values = await measured.values();
    expect([values.get('sluice_streams{state="live"}'), values.get('sluice_streams{state="held"}')]).toEqual([1, 1]);
    expect([values.get('sluice_viewers{transport="sluice.v1"}'), values.get('sluice_viewers{transport="hls"}')]).toEqual([1, 0]);
  });

  it('count what comes in and goes out, each once however often they are read', async () => {
    const measured = new Measured();
    const feed = measured.relay.live();
    feed.chunk(key());
    measured.relay.watch();
    measured.relay.watch();
    feed.chunk(delta());
    await measured.values();
    const values = await measured.values();
    expect(values.get('sluice_received_bytes_total')).toBe(20);
    expect(values.get('sluice_received_chunks_total')).toBe(2);
    expect(values.get('sluice_sent_bytes_total')).toBe(40);
    expect(values.get('sluice_sent_messages_total')).toBe(4);
  });

  it('count faults of the relay itself', async () => {
    const measured = new Measured();
    measured.relay.registry.totals.internalErrors++;
    expect((await measured.values()).get('sluice_internal_errors_total')).toBe(1);
  });

  it('count viewers that were behind, for how long, and what they were not sent', async () => {
    const measured = new Measured();
    const { relay } = measured;
    const feed = relay.live();
    feed.chunk(key());
    const { viewer } = relay.watch(undefined, new FakeOutlet(true));
    relay.clock.pass(2_001);
    feed.chunk(delta());
    feed.chunk(delta());
    feed.chunk(key());
    relay.clock.pass(3_000);
    viewer.synced(1);
    const values = await measured.values();
    expect(values.get('sluice_viewer_behind_total')).toBe(1);
    expect(values.get('sluice_viewer_behind_seconds_total')).toBe(3);
    expect(values.get('sluice_skips_total')).toBe(1);
    expect(values.get('sluice_skipped_bytes_total')).toBe(20);
  });

  it('count errors by their codes', async () => {
    const measured = new Measured();
    const { viewer } = measured.relay.watch();
    viewer.fail(new SluiceError('grant-expired', 'Over'));
    viewer.fail(new SluiceError('grant-expired', 'Over'));
    expect((await measured.values()).get('sluice_errors_total{code="grant-expired"}')).toBe(1);
  });

  it('take what viewers report, but nothing that was made up', async () => {
    const measured = new Measured();
    const report = measured.metrics.reports();
    for (const latency of [0.12, -1, 1e9]) report({ latency });
    for (const firstFrame of [-1, 0.24, 0.3]) report({ firstFrame });
    for (const stalls of [1, 3, 0, 3]) report({ stalls, dropped: 1e15 });
    const values = await measured.values();
    expect(values.get('sluice_viewer_latency_seconds_count')).toBe(1);
    expect(values.get('sluice_viewer_latency_seconds_bucket{le="0.15"}')).toBe(1);
    expect(values.get('sluice_viewer_first_frame_seconds_count')).toBe(1);
    expect(values.get('sluice_viewer_first_frame_seconds_bucket{le="0.3"}')).toBe(1);
    expect(values.get('sluice_viewer_stalls_total')).toBe(3);
    expect(values.get('sluice_viewer_dropped_frames_total')).toBe(1_000_000);
  });

  it('count the lines that the log has dropped', async () => {
    const metrics = new Metrics(new FakeRelay().registry, undefined, { dropped: 15 });
    expect(await metrics.text()).toContain('\nsluice_log_lines_dropped_total 15\n');
  });

  it('have names, units and help as Prometheus asks, and tell of the process, too', async () => {
    const measured = new Measured();
    await measured.metrics.text();
    const text = await measured.metrics.text();
    const names = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }));
    const own = names.filter(({ name }) => name.startsWith('sluice_'));
    expect(own.length).toBeGreaterThanOrEqual(14);
    for (const { name, type } of own) {
      expect(text).toContain(`# HELP ${name} `);
      expect(name).toMatch(/^[a-z_]+$/);
      if (type === 'counter') expect(name).toMatch(/_total$/);
    }
    expect(names.some(({ name }) => name === 'nodejs_eventloop_lag_seconds')).toBe(true);
    expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
  });

  it('say how the sources do, and how often they were started again', async () => {
    const source = (name: string, state: SourceInfo['state'], restarts: number): SourceInfo => ({ name, state, input: 'cam', loop: false, restarts });
    const list = [source('a', 'running', 3), source('b', 'restarting', 4), source('c', 'running', 0)];
    const sources = new FfmpegSources({ ...toConfig(), demo: false }, listLog([]));
    jest.spyOn(sources, 'list').mockReturnValue(list);
    const metrics = new Metrics(new FakeRelay().registry, sources);
    const text = await metrics.text();
    expect(text).toContain('sluice_sources{state="running"} 2\n');
    expect(text).toContain('sluice_sources{state="failed"} 0\n');
    expect(text).toContain('sluice_source_restarts_total 7\n');
  });
});
