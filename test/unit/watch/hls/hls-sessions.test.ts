import { HlsSessions } from '../../../../src/watch/hls/hls-sessions';
import { ViewerSeats } from '../../../../src/watch/viewer-seats';
import type { Stream } from '../../../../src/relay/stream';
import { codeOf } from '../../../support/code-of';
import { FakeRelay } from '../../../support/fake-relay';

interface Made {
  readonly relay: FakeRelay;
  readonly stream: Stream;
  readonly seats: ViewerSeats;
  readonly visit: (session: string | undefined, address?: string) => () => void;
}

function make(limit = 2): Made {
  const relay = new FakeRelay();
  relay.live();
  const stream = relay.registry.get('cam')!;
  const seats = new ViewerSeats({ maxViewers: limit, maxViewersPerStream: Infinity, maxViewersPerAddress: Infinity });
  const sessions = new HlsSessions(seats, relay.clock);
  return { relay, stream, seats, visit: (session, address = '192.0.2.1') => sessions.visit({ stream, session, address }) };
}

describe('viewers over HLS', () => {
  it('are counted once for each session, and have a seat', () => {
    const { stream, seats, visit } = make();
    visit('a')();
    visit('a')();
    visit('b')();
    expect([stream.viewers, seats.taken]).toEqual([2, 2]);
    expect(codeOf(() => visit('c'))).toBe('full');
    expect(stream.viewers).toBe(2);
  });

  it('are gone when they have asked for nothing for 12 s', () => {
    const { relay, stream, seats, visit } = make();
    visit('a')();
    relay.clock.pass(8_000);
    visit('b')();
    relay.clock.pass(5_000);
    expect([stream.viewers, seats.taken]).toEqual([1, 1]);
    relay.clock.pass(8_000);
    expect([stream.viewers, seats.taken]).toEqual([0, 0]);
  });

  it('stay while a request of theirs is held', () => {
    const { relay, stream, visit } = make();
    const answered = visit('a');
    relay.clock.pass(60_000);
    expect(stream.viewers).toBe(1);
    answered();
    relay.clock.pass(14_000);
    expect(stream.viewers).toBe(0);
  });

  it('without a session are one for each address', () => {
    const { stream, visit } = make();
    visit(undefined);
    visit(undefined);
    visit(undefined, '192.0.2.2');
    expect(stream.viewers).toBe(2);
  });

  it.each(['', 'a b', '../x', 'x'.repeat(65)])('may not call their session "%s"', (session) => {
    expect(codeOf(() => make().visit(session))).toBe('bad-request');
  });
});
