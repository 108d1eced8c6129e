import type { IncomingHttpHeaders } from 'node:http';
import type { ViewerReport } from '../protocol/viewer-info';

/** What a client tells of itself with a request: Common Media Client Data, version 1 (CTA-5004) or 2 (CTA-5004-B). */
export interface ClientData {
  /** What it experiences, as far as this request tells. */
  readonly report: ViewerReport;
  /** Whether it has run dry since its request before. */
  readonly starved: boolean;
}

const ARGUMENT = 'CMCD';
const HEADERS = ['cmcd-request', 'cmcd-object', 'cmcd-status', 'cmcd-session'];
/** What is longer isn't read, characters: next objects are the longest that players tell, by their addresses. */
const MAX_LENGTH = 4_096;

/**
 * One member of a dictionary of structured fields, RFC 8941 §3.2, and the comma after it: no comma in strings and lists ends it. Keys
 * may have capital letters: CTA-5004 itself has `com.example-myNumericKey`, for which `@svta/cml-cmcd` 2.7 refuses the whole text.
 */
const MEMBER = /[ \t]*([A-Za-z*][\w.*-]*)(?:=((?:"(?:[^"\\]|\\.)*"|\((?:[^()"]|"(?:[^"\\]|\\.)*")*\)|[^,"()])+)|[ \t]*)(?:,|$)/y;
const COUNT = /^\d{1,9}$/;

/** Reads what a request tells, as its argument or in headers; nothing where that is nothing, too long or malformed. What else is in it is left alone. */
export function readClientData(query: URLSearchParams, headers: IncomingHttpHeaders): ClientData | undefined {
  const text = query.get(ARGUMENT) ?? HEADERS.map((name) => headers[name]).filter((value) => value !== undefined).join(',');
  const members = text === '' || text.length > MAX_LENGTH ? undefined : readMembers(text);
  if (members === undefined) return undefined;
  const latency = seconds(members, 'ltc');
  const firstFrame = seconds(members, 'msd');
  const buffer = seconds(members, 'bl');
  const stalls = most(members, 'bsa');
  const dropped = most(members, 'dfa');
  return {
    report: {
      ...(latency !== undefined && { latency }),
      ...(firstFrame !== undefined && { firstFrame }),
      ...(buffer !== undefined && { buffer }),
      ...(stalls !== undefined && { stalls }),
      ...(dropped !== undefined && { dropped }),
    },
    starved: ['?1', 'true'].includes(members.get('bs') ?? ''),
  };
}

/** The members by their keys; one without a value is true. Nothing if any is malformed. */
function readMembers(text: string): Map<string, string> | undefined {
  const members = new Map<string, string>();
  MEMBER.lastIndex = 0;
  while (MEMBER.lastIndex < text.length) {
    const [, key, value = '?1'] = MEMBER.exec(text) ?? [];
    if (key === undefined) return undefined;
    members.set(key, value.trim());
  }
  return members;
}

/** The least of what it says in ms: of several kinds of media the one that has least ahead decides. */
function seconds(members: ReadonlyMap<string, string>, key: string): number | undefined {
  const counts = readCounts(members.get(key));
  return counts && Math.min(...counts) / 1000;
}

function most(members: ReadonlyMap<string, string>, key: string): number | undefined {
  const counts = readCounts(members.get(key));
  return counts && Math.max(...counts);
}

/** Whole numbers, one by itself or in a list as version 2 has them, each with the kind of media behind it: `1200` or `(1200;v 1500;a)`. */
function readCounts(value = ''): readonly number[] | undefined {
  const list = /^\((.*)\)$/.exec(value)?.[1] ?? value;
  const items = list.trim().split(/ +/).map((item) => item.split(';')[0] ?? '');
  return items.every((item) => COUNT.test(item)) ? items.map(Number) : undefined;
}
