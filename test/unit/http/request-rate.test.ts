import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { RequestRate } from '../../../src/http/request-rate';
import { codeOf } from '../../support/code-of';
import { FakeClock } from '../../support/fake-clock';

let clock: FakeClock;
let rate: RequestRate;

beforeEach(() => {
  clock = new FakeClock();
  rate = new RequestRate({ requestRate: 200, sessionOf: ({ url = '' }) => /session=(\w+)/.exec(url)?.[1], clock });
});

function request(remoteAddress: string, url = '/'): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  return Object.assign(new IncomingMessage(socket), { url });
}

/** How many of so many requests are let through. */
function passed(count: number, address: string, url?: string): number {
  const asked = request(address, url);
  return Array.from({ length: count }, () => codeOf(() => rate.check(asked))).filter((code) => code !== 'too-many').length;
}

describe('the rate of requests', () => {
  it('lets an address send ten seconds’ worth at once, then its rate, and others what is theirs', () => {
    expect(passed(3_000, '203.0.113.7')).toBe(2_000);
    expect(passed(10, '203.0.113.8')).toBe(10);
    clock.pass(1_000);
    expect(passed(3_000, '203.0.113.7')).toBe(200);
  });

  it('never refuses a probe of health', () => {
    passed(3_000, '203.0.113.7');
    expect([passed(10, '203.0.113.7', '/health/live'), passed(10, '203.0.113.7', '/healthy')]).toEqual([10, 0]);
  });

  it('is as it was soon after a flood: what was refused isn’t counted', () => {
    passed(100_000, '203.0.113.7');
    clock.pass(500);
    expect(passed(1_000, '203.0.113.7')).toBe(100);
  });

  it('counts a network of IPv6 as one address', () => {
    expect(passed(1_500, '2001:db8::1')).toBe(1_500);
    expect(passed(1_500, '2001:db8::2')).toBe(500);
  });

  it('lets 200 viewers over HLS behind one address ask ten times a second each, for as long as they like', () => {
    for (let second = 0; second < 30; second++) {
      for (let viewer = 0; viewer < 200; viewer++) expect(passed(10, '203.0.113.7', `/?session=viewer${viewer}`)).toBe(10);
      clock.pass(1_000);
    }
  });

  it('lets one session ask 50 times a second, and costs its address a twentieth', () => {
    expect(passed(1_000, '203.0.113.7', '/?session=one')).toBe(250);
    clock.pass(1_000);
    expect(passed(1_000, '203.0.113.7', '/?session=one')).toBe(50);
  });

  it('doesn’t let an address go on without end by new sessions', () => {
    let all = 0;
    for (let session = 0; session < 1_000; session++) all += passed(100, '203.0.113.7', `/?session=made${session}`);
    expect(all).toBe(40_000);
  });

  it('says when to come again', () => {
    passed(2_000, '203.0.113.7');
    let refused: unknown;
    try {
      rate.check(request('203.0.113.7'));
    } catch (thrown) {
      refused = thrown;
    }
    expect(refused).toMatchObject({ code: 'too-many', retryAfter: 1 });
  });

  it('has no limit where none is set', () => {
    rate = new RequestRate({ requestRate: Infinity, sessionOf: () => undefined, clock });
    expect(passed(10_000, '203.0.113.7')).toBe(10_000);
  });
});
