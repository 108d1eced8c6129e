/** A part as a playlist lists it. */
interface ListedPart {
  readonly address: string;
  readonly duration: number;
}

/** A segment as a playlist lists it. */
interface ListedSegment {
  readonly sequence: number;
  readonly discontinuitySequence: number;
  /** Nothing while it isn't whole. */
  readonly address: string | undefined;
  readonly duration: number | undefined;
  readonly date: number | undefined;
  readonly map: string | undefined;
  readonly parts: readonly ListedPart[];
}

interface Listed {
  readonly targetDuration: number;
  readonly partTarget: number;
  readonly partHoldBack: number;
  readonly segments: readonly ListedSegment[];
  readonly hint: string | undefined;
  readonly ended: boolean;
}

/** Less than what is rounded in a playlist, seconds. */
const ROUNDING = 1e-5;
/** So much of its target a part lasts at least, unless its segment ends with it, RFC 8216bis §4.4.3.7. */
const LEAST_PART = 0.85;
/** How far a PROGRAM-DATE-TIME may be from that of the segment before and its duration, ms. */
const DATE_TOLERANCE = 300;

/** Checks the playlists of one stream, one after the other as they change, against RFC 8216bis. */
export class PlaylistRules {
  readonly #known = new Map<number, ListedSegment>();
  #before: Listed | undefined;
  checked = 0;

  /** What is against the rules in the next playlist. */
  check(text: string): string[] {
    const problems: string[] = [];
    const expect = (holds: boolean, problem: string): void => {
      if (!holds) problems.push(problem);
    };
    const list = read(text);
    const before = this.#before;
    this.#before = list;
    this.checked++;
    expect(list.partHoldBack >= 3 * list.partTarget - ROUNDING, 'PART-HOLD-BACK is less than three parts');
    if (before !== undefined) {
      expect(list.targetDuration === before.targetDuration, `TARGETDURATION is ${list.targetDuration}, was ${before.targetDuration}`);
      expect((list.segments[0]?.sequence ?? 0) >= (before.segments[0]?.sequence ?? 0), 'MEDIA-SEQUENCE goes back');
      expect((list.segments[0]?.sequence ?? 0) <= (before.segments.at(-1)?.sequence ?? 0) + 1, 'MEDIA-SEQUENCE skips segments');
      expect(!before.ended, 'something follows ENDLIST');
      this.#checkHint(before, list, expect);
    }
    for (const [index, segment] of list.segments.entries()) {
      this.#checkSegment(segment, list, expect);
      const last = list.segments[index - 1];
      if (last?.date !== undefined && last.duration !== undefined && segment.date !== undefined && last.discontinuitySequence === segment.discontinuitySequence) {
        expect(Math.abs(segment.date - last.date - last.duration * 1000) < DATE_TOLERANCE, `PROGRAM-DATE-TIME of ${segment.sequence} is off by ${segment.date - last.date - last.duration * 1000} ms`);
      }
    }
    return problems;
  }

  #checkSegment(segment: ListedSegment, { targetDuration, partTarget }: Listed, expect: (holds: boolean, problem: string) => void): void {
    const { sequence, parts, duration } = segment;
    const known = this.#known.get(sequence);
    if (known !== undefined) {
      expect(known.discontinuitySequence === segment.discontinuitySequence, `the discontinuity sequence of ${sequence} is another`);
      expect(known.address === undefined || known.address === segment.address, `the address of ${sequence} is another`);
      expect(known.duration === undefined || known.duration === segment.duration, `the duration of ${sequence} is another`);
      expect(known.date === segment.date, `the date of ${sequence} is another`);
      expect(known.map === undefined || segment.map === undefined || known.map === segment.map, `the MAP of ${sequence} is another`);
      const same = known.parts.every(({ address, duration: was }, index) => parts.length === 0 || (parts[index]?.address === address && parts[index].duration === was));
      expect(same, `the parts of ${sequence} are others`);
    }
    if (known === undefined || parts.length > 0) this.#known.set(sequence, segment);
    for (const [index, part] of parts.entries()) {
      expect(part.duration <= partTarget + ROUNDING, `part ${part.address} lasts ${part.duration} of ${partTarget}`);
      const isLast = index === parts.length - 1;
      expect(isLast || part.duration >= LEAST_PART * partTarget - ROUNDING, `part ${part.address} lasts only ${part.duration} of ${partTarget}`);
    }
    if (duration === undefined) return;
    expect(Math.round(duration) <= targetDuration, `segment ${sequence} lasts ${duration} of ${targetDuration}`);
    const sum = parts.reduce((total, part) => total + part.duration, 0);
    expect(parts.length === 0 || Math.abs(sum - duration) < ROUNDING * (parts.length + 1), `the parts of ${sequence} add up to ${sum}, not ${duration}`);
  }

  /** What was hinted at comes next, unless a discontinuity does, or the end. */
  #checkHint(before: Listed, list: Listed, expect: (holds: boolean, problem: string) => void): void {
    const newest = before.segments.at(-1);
    const known = new Set(before.segments.flatMap(({ parts }) => parts.map(({ address }) => address)));
    const next = list.segments.find((segment) => segment.sequence >= (newest?.sequence ?? 0) && segment.parts.some(({ address }) => !known.has(address)));
    if (next === undefined) return;
    const part = next.parts.find(({ address }) => !known.has(address));
    if (part === undefined || next.discontinuitySequence !== newest?.discontinuitySequence) return;
    expect(part.address === before.hint, `${before.hint ?? 'nothing'} was hinted at, ${part.address} came`);
  }
}

function read(text: string): Listed {
  const lines = text.split('\n');
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? NaN);
  const segments: ListedSegment[] = [];
  let sequence = number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)$/m);
  let discontinuitySequence = number(/^#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)$/m) || 0;
  let open: { parts: ListedPart[]; date: number | undefined; duration: number | undefined } = { parts: [], date: undefined, duration: undefined };
  let map: string | undefined;
  const close = (address: string | undefined): void => {
    segments.push({ sequence: sequence++, discontinuitySequence, address, map, ...open });
    open = { parts: [], date: undefined, duration: undefined };
  };
  for (const line of lines) {
    const [, tag = '', value = ''] = /^#(EXT[A-Z-]*)(?::(.*))?$/.exec(line) ?? [];
    if (tag === 'EXT-X-DISCONTINUITY') discontinuitySequence++;
    else if (tag === 'EXT-X-MAP') map = /URI="([^"]*)"/.exec(value)?.[1];
    else if (tag === 'EXT-X-PROGRAM-DATE-TIME') open.date = Date.parse(value);
    else if (tag === 'EXT-X-PART') open.parts.push({ address: /URI="([^"]*)"/.exec(value)?.[1] ?? '', duration: Number(/DURATION=([\d.]+)/.exec(value)?.[1]) });
    else if (tag === 'EXTINF') open.duration = parseFloat(value);
    else if (line !== '' && !line.startsWith('#')) close(line);
  }
  if (open.parts.length > 0) close(undefined);
  return {
    targetDuration: number(/^#EXT-X-TARGETDURATION:(\d+)$/m),
    partTarget: number(/PART-TARGET=([\d.]+)/),
    partHoldBack: number(/PART-HOLD-BACK=([\d.]+)/),
    segments,
    hint: /^#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"]*)"$/m.exec(text)?.[1],
    ended: lines.includes('#EXT-X-ENDLIST'),
  };
}
