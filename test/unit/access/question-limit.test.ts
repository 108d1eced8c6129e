import { QuestionLimit } from '../../../src/access/question-limit';
import { codeOfAsync } from '../../support/code-of';

const ADDRESS = '203.0.113.7';
let now: number;
let limit: QuestionLimit;

beforeEach(() => {
  now = 0;
  limit = new QuestionLimit({ rate: 100, now: () => now });
});

/** Asks, and gives what comes of it: `answered`, or the code of the error. */
const ask = (address: string, question: () => Promise<unknown> = () => Promise.resolve()): Promise<string> => codeOfAsync(() => limit.ask(address, question), 'answered');

/** Questions that wait to be answered. */
function hanging(): { readonly begun: (() => void)[]; question: () => Promise<void> } {
  const begun: (() => void)[] = [];
  return { begun, question: () => new Promise((resolve) => begun.push(resolve)) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the questions that a service is asked', () => {
  it('are as many a second for an address as its rate says, with five seconds of it at once', async () => {
    const codes: string[] = [];
    for (let count = 0; count < 600; count++) codes.push(await ask(ADDRESS));
    expect(codes.filter((code) => code === 'answered')).toHaveLength(500);
    expect(new Set(codes.slice(500))).toEqual(new Set(['too-many']));
    expect(await ask('203.0.113.8')).toBe('answered');
    now += 100;
    codes.length = 0;
    for (let count = 0; count < 20; count++) codes.push(await ask(ADDRESS));
    expect(codes.filter((code) => code === 'answered')).toHaveLength(10);
  });

  it('are ten times as many for all addresses together, and then nobody’s', async () => {
    const codes: string[] = [];
    for (let address = 0; address < 11; address++) for (let count = 0; count < 500; count++) codes.push(await ask(`203.0.113.${address}`));
    expect(codes.filter((code) => code === 'answered')).toHaveLength(5_000);
    expect(codes.filter((code) => code === 'access-unavailable')).toHaveLength(500);
  });

  it('of 200 who come at once from one address are all asked, 16 at a time', async () => {
    const { begun, question } = hanging();
    const asked = Array.from({ length: 200 }, () => ask(ADDRESS, question));
    for (let answered = 0; answered < 200; answered += 1) {
      await turn();
      expect(begun.length).toBeLessThanOrEqual(answered + 16);
      begun[answered]!();
    }
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['answered']));
  });

  it('of one address don’t hold up those of others', async () => {
    const { begun, question } = hanging();
    const asked = Array.from({ length: 100 }, () => ask(ADDRESS, question));
    expect(await ask('203.0.113.8')).toBe('answered');
    for (let answered = 0; answered < 100; answered++) {
      await turn();
      begun[answered]!();
    }
    await Promise.all(asked);
  });

  it('are refused where too many wait: of one address, and of all', async () => {
    const { question } = hanging();
    const open = (address: string, count: number): Promise<string>[] => Array.from({ length: count }, () => ask(address, question));
    expect(await Promise.race(open(ADDRESS, 16 + 250 + 1).slice(-1))).toBe('too-many');
    for (const address of ['203.0.113.8', '203.0.113.9', '203.0.113.10']) void open(address, 16 + 250);
    expect(await ask('203.0.113.11', question)).toBe('access-unavailable');
  });

  it('that have waited for three seconds are given up', async () => {
    const { begun, question } = hanging();
    const asked = Array.from({ length: 18 }, () => ask(ADDRESS, question));
    await turn();
    now += 3_000;
    begun[0]!();
    expect(await Promise.all([asked[0], asked[16], asked[17]])).toEqual(['answered', 'access-unavailable', 'access-unavailable']);
    for (const answer of begun) answer();
    expect(await ask(ADDRESS)).toBe('answered');
  });
});
