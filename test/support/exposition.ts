/** One metric in the text format of Prometheus. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** Its lines: the name as it stands there, and the labels. */
  readonly series: { readonly name: string; readonly labels: ReadonlyMap<string, string>; readonly value: number }[];
}

const META = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/**
 * Reads what `/metrics` answers as strictly as `promtool check metrics` does: HELP and TYPE come once and before their
 * lines, all lines of a metric stand together, and none comes twice. Throws if it isn't so.
 */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line has no end');
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  const seen = new Set<string>();
  let current: Family | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('#')) {
      const [, kind, name = '', rest = ''] = META.exec(line) ?? [];
      if (kind === 'HELP') {
        if (helps.has(name)) throw new Error(`A second HELP of ${name}`);
        helps.set(name, rest);
      } else if (kind === 'TYPE') {
        if (families.has(name)) throw new Error(`A second TYPE of ${name}`);
        const help = helps.get(name);
        if (help === undefined) throw new Error(`No HELP of ${name}`);
        current = { name, type: rest, help, series: [] };
        families.set(name, current);
      } else throw new Error(`Neither HELP nor TYPE: ${line}`);
      continue;
    }
    const [, name = '', labelText = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (name === '' || !isNumber(value)) throw new Error(`No line of a metric: ${line}`);
    if (current === undefined || !isOf(name, current)) throw new Error(`${name} stands apart from its TYPE`);
    const labels = readLabels(labelText);
    const key = `${name}{${[...labels].map(([label, of]) => `${label}=${of}`).sort().join()}}`;
    if (seen.has(key)) throw new Error(`Twice: ${key}`);
    seen.add(key);
    current.series.push({ name, labels, value: Number(value) });
  }
  return families;
}

/** As Go reads one, and with it Prometheus: prom-client writes "Nan" for what has no value yet. */
function isNumber(text: string): boolean {
  return /^(nan|[+-]?inf)$/i.test(text) || !Number.isNaN(Number(text));
}

function isOf(name: string, { name: family, type }: Family): boolean {
  if (name === family) return type !== 'histogram';
  const suffix = name.startsWith(family) ? name.slice(family.length) : '';
  return (type === 'histogram' && ['_bucket', '_sum', '_count'].includes(suffix)) || (type === 'summary' && ['_sum', '_count'].includes(suffix));
}

function readLabels(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`Malformed labels: ${text}`);
    if (labels.has(name)) throw new Error(`The label ${name} comes twice: ${text}`);
    labels.set(name, value);
  }
  return labels;
}
