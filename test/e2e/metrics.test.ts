import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { packageRoot } from '../../src/base/package';
import { ERRORS } from '../../src/protocol/error-code';
import { type Family, readExposition } from '../support/exposition';
import { answered, connectPublisher, send } from '../support/publishing';
import { push } from '../support/push';
import { startRelay, type TestRelay } from '../support/relay';
import { type SampleMedia, sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

let relay: TestRelay;
let media: SampleMedia;
let families: Map<string, Family>;
const clients: TestSocket[] = [];

beforeAll(async () => {
  media = await sampleMedia();
  // A source that can't be reached.
  relay = await startRelay({ sources: [{ name: 'door', input: 'rtsp://127.0.0.1:1/', loop: false }] });
  const publisher = await connectPublisher(relay.wsUrl, 'cam');
  clients.push(publisher);
  await send(publisher, media.init, ...media.fragments.slice(0, 20));
  const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
  clients.push(viewer);
  viewer.tell({ type: 'report', latency: 0.2, buffer: 0.1, stalls: 1, dropped: 2 });
  await answered(viewer);
  await push(`${relay.url}/publish/noise`, 'no media');
  families = await scrape();
});

afterAll(async () => {
  for (const { socket } of clients) socket.terminate();
  await relay.close();
});

async function scrape(): Promise<Map<string, Family>> {
  return readExposition(await (await fetch(`${relay.url}/metrics`)).text());
}

const own = (): Family[] => [...families.values()].filter(({ name }) => name.startsWith('sluice_'));

describe('what Prometheus is told', () => {
  it('has help and a type for each metric, by the rules of names', () => {
    expect(own().length).toBeGreaterThan(10);
    for (const { name, type, help } of own()) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect([name, help]).toEqual([name, expect.stringMatching(/^[A-Z].*[^.]$/)]);
      expect(['counter', 'gauge', 'histogram']).toContain(type);
      // As `promtool check metrics` has it.
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      expect(name).not.toMatch(/_(counter|gauge|histogram|count|sum|bucket)$/);
      expect(name).not.toMatch(/(millisecond|minute|hour|kilobyte|_ms|_kb|percent)/);
    }
  });

  it('has labels whose values the relay has chosen itself, however strangers name what they want', async () => {
    const count = (of: Map<string, Family>): number => [...of.values()].filter(({ name }) => name.startsWith('sluice_')).reduce((sum, { series }) => sum + series.length, 0);
    await push(`${relay.url}/publish/%3Cb%3E`, 'x');
    await push(`${relay.url}/publish/first`, 'x');
    const before = count(await scrape());
    for (let index = 0; index < 50; index++) {
      await push(`${relay.url}/publish/name-${index}`, 'x');
      await push(`${relay.url}/publish/%3Cb%3E${index}`, 'x', { headers: { 'User-Agent': `agent-${index}` } });
    }
    const after = await scrape();
    expect(count(after)).toBe(before);
    const allowed: Record<string, readonly string[]> = { state: ['live', 'held', 'running', 'restarting', 'stopped', 'failed'], transport: ['sluice.v1', 'websocket', 'progressive', 'hls'], code: Object.keys(ERRORS) };
    for (const { series } of [...after.values()].filter(({ name }) => name.startsWith('sluice_'))) {
      for (const { labels } of series) {
        for (const [label, value] of labels) if (label !== 'le' && label in allowed) expect(allowed[label]).toContain(value);
      }
    }
  });
});

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly targets?: readonly { readonly expr: string; readonly refId: string; readonly legendFormat: string }[];
}

const dashboard = JSON.parse(readFileSync(join(packageRoot(), 'samples', 'grafana', 'sluice.json'), 'utf8')) as {
  title: string;
  uid: string;
  schemaVersion: number;
  templating: { list: { name: string; query: unknown }[] };
  panels: Panel[];
};
const { groups } = load(readFileSync(join(packageRoot(), 'samples', 'prometheus', 'sluice-alerts.yml'), 'utf8')) as {
  groups: { name: string; rules: { alert: string; expr: string; for?: string; labels: Record<string, string>; annotations: Record<string, string> }[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const scraping = load(readFileSync(join(packageRoot(), 'samples', 'prometheus', 'prometheus.yml'), 'utf8')) as {
  rule_files: string[];
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[]; metrics_path?: string }[];
};

/** The metrics that an expression names, each with the labels that it is chosen by; and the labels of its groups. */
function namedIn(expr: string): { metrics: { name: string; labels: Map<string, string[]> }[]; grouped: string[] } {
  const metrics = [...expr.matchAll(/\b((?:sluice|process|nodejs)_\w+|up)\b(?:\{([^}]*)\})?/g)].map(([, name = '', selector = '']) => ({
    name,
    labels: new Map([...selector.matchAll(/(\w+)=~?"([^"]*)"/g)].map(([, label = '', value = '']): [string, string[]] => [label, value.split('|')])),
  }));
  const grouped = [...expr.matchAll(/\b(?:by|on|without) \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(',').map((label) => label.trim()));
  return { metrics, grouped };
}

/** What Prometheus itself adds to each series. */
const ADDED = ['instance', 'job'];

/** Every metric and label of it is in a real answer. What happens rarely has no series for its code yet: that is held against the codes. */
function expectKnown(expr: string): void {
  const { metrics, grouped } = namedIn(expr);
  expect(metrics).not.toEqual([]);
  const known = new Set(ADDED);
  for (const { name, labels } of metrics) {
    if (name === 'up') continue;
    const series = [...families.values()].flatMap((family) => family.series).filter((line) => line.name === name);
    expect([expr, name, series.length > 0]).toEqual([expr, name, true]);
    const own = new Map<string, Set<string>>();
    for (const line of series) for (const [label, value] of line.labels) own.set(label, (own.get(label) ?? new Set()).add(value));
    for (const label of own.keys()) known.add(label);
    for (const [label, values] of labels) {
      if (ADDED.includes(label)) continue;
      expect([expr, label, own.has(label)]).toEqual([expr, label, true]);
      const possible = label === 'code' ? new Set(Object.keys(ERRORS)) : own.get(label)!;
      for (const value of values) expect([expr, value, possible.has(value)]).toEqual([expr, value, true]);
    }
  }
  for (const label of grouped) expect([expr, label, known.has(label)]).toEqual([expr, label, true]);
}

/** Brackets and quotes come in pairs. */
function expectBalanced(expr: string): void {
  const open: string[] = [];
  for (const sign of expr.replace(/"[^"]*"/g, '""')) {
    if ('([{'.includes(sign)) open.push(sign);
    else if (')]}'.includes(sign)) expect([expr, `${open.pop() ?? ''}${sign}`]).toEqual([expr, expect.stringMatching(/^(\(\)|\[\]|\{\})$/)]);
  }
  expect([expr, open]).toEqual([expr, []]);
}

describe('a source', () => {
  it('is told of by how it does', () => {
    const states = families.get('sluice_sources')!.series.map(({ labels, value }) => [labels.get('state'), value] as const);
    expect(states.map(([state]) => state)).toEqual(['running', 'restarting', 'stopped', 'failed']);
    expect(states.reduce((sum, [, value]) => sum + value, 0)).toBe(1);
  });
});

describe('the Grafana dashboard', () => {
  it('is one: panels with an id, a place of their own and a query each', () => {
    expect(dashboard).toMatchObject({ title: 'Sluice', uid: 'sluice', schemaVersion: expect.any(Number) as number });
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance']);
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = new Set<string>();
    for (const { type, title, targets = [], gridPos: { h, w, x, y } } of panels) {
      expect(['row', 'stat', 'timeseries']).toContain(type);
      expect(title).not.toBe('');
      expect(x + w).toBeLessThanOrEqual(24);
      expect([title, targets.length > 0]).toEqual([title, type !== 'row']);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      for (let row = y; row < y + h; row++) {
        for (let column = x; column < x + w; column++) {
          expect([title, cells.has(`${row},${column}`)]).toEqual([title, false]);
          cells.add(`${row},${column}`);
        }
      }
    }
  });

  it('asks only for what the relay tells', () => {
    const all = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    for (const expr of all) {
      expectBalanced(expr);
      expectKnown(expr);
    }
    for (const legend of dashboard.panels.flatMap(({ targets = [] }) => targets)) {
      const [, label] = /\{\{(\w+)\}\}/.exec(legend.legendFormat) ?? [];
      if (label !== undefined && !ADDED.includes(label)) expect([legend.expr, namedIn(legend.expr).grouped]).toEqual([legend.expr, expect.arrayContaining([label])]);
    }
  });

  it('shows every metric of the relay', () => {
    const asked = new Set(dashboard.panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => namedIn(expr).metrics.map(({ name }) => name.replace(/_bucket$/, '')))));
    expect(own().map(({ name }) => name).filter((name) => !asked.has(name))).toEqual([]);
  });
});

describe('the alert rules', () => {
  it('each have a name of their own, a severity, and words for whoever is called', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations, for: time = '0s' } of rules) {
      expect(alert).toMatch(/^Sluice[A-Z]\w+$/);
      expect(['page', 'ticket']).toContain(labels['severity']);
      expect(annotations['summary']).toContain('{{ $labels.instance }}');
      expect(time).toMatch(/^\d+[smh]$/);
    }
  });

  it('ask only for what the relay tells', () => {
    for (const { expr } of rules) {
      expectBalanced(expr);
      expectKnown(expr);
    }
  });

  it('are what the scrape config reads, which scrapes the job that they name', () => {
    expect(scraping.rule_files).toEqual(['sluice-alerts.yml']);
    expect(scraping.scrape_configs.map(({ job_name: job }) => job)).toEqual(['sluice']);
    for (const { expr } of rules) for (const { labels } of namedIn(expr).metrics) expect(labels.get('job') ?? ['sluice']).toEqual(['sluice']);
  });
});

describe('docs/metrics.md', () => {
  it('tells of every metric of the relay', () => {
    const page = readFileSync(join(packageRoot(), 'docs', 'metrics.md'), 'utf8');
    expect(own().map(({ name }) => name).filter((name) => !page.includes(`\`${name}`))).toEqual([]);
  });
});
