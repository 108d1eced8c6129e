import { Metrics } from '../../../../src/observe/metrics';
import type { ViewerInfo } from '../../../../src/protocol/viewer-info';
import type { ClientData } from '../../../../src/watch/hls/client-data';
import { HlsSessions } from '../../../../src/watch/hls/hls-sessions';
import { SluiceError } from '../../../../src/protocol/error-code';
import { ViewerSeats } from '../../../../src/watch/viewer-seats';
import type { Stream } from '../../../../src/relay/stream';
import { codeOf } from '../../../support/code-of';
import { FakeRelay } from '../../../support/fake-relay';

interface Made {
  readonly relay: FakeRelay;
  readonly stream: Stream;
  readonly seats: ViewerSeats;
  readonly metrics: Metrics;
  readonly sessions: HlsSessions;
  readonly visit: (session: string | undefined, address?: string, data?: ClientData) => () => void;
}

function make(limit = 2): Made {
  const relay = new FakeRelay();
  relay.live();
  const stream = relay.registry.get('cam')!;
  const seats = new ViewerSeats({ maxViewers: limit, maxViewersPerStream: Infinity, maxViewersPerAddress: Infinity });
  const metrics = new Metrics(relay.registry);
  const sessions = new HlsSessions(seats, metrics, relay.clock);
  return { relay, stream, seats, metrics, sessions, visit: (session, address = '192.0.2.1', data) => sessions.visit({ stream, session, address, data }) };
}

function told(report: ClientData['report'], { session, starved = false }: Partial<ClientData> = {}): ClientData {
  return { session, report, starved };
}

/** What is told of all who watch, as they said it. */
function reported(stream: Stream): Partial<ViewerInfo>[] {
  return [...stream.viewerInfos()].map(({ latency, firstFrame, buffer, stalls, dropped }) =>
    Object.fromEntries(Object.entries({ latency, firstFrame, buffer, stalls, dropped }).filter(([, value]) => value !== undefined)),
  );
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

  it('report what they experience as viewers on sockets do, every few seconds', async () => {
    const { relay, stream, metrics, visit } = make();
    const asks = (report: ClientData['report']): void => visit('a', '192.0.2.1', told(report))();
    asks({ latency: 9, firstFrame: 0.4 });
    expect(reported(stream)).toEqual([{}]);
    relay.clock.pass(4_000);
    asks({ latency: 1.1, buffer: 0.8, stalls: 1, dropped: 2 });
    expect(reported(stream)).toEqual([{ latency: 1.1, firstFrame: 0.4, buffer: 0.8, stalls: 1, dropped: 2 }]);
    relay.clock.pass(1_000);
    asks({ latency: 1.3 });
    relay.clock.pass(3_000);
    asks({ buffer: 0.7, stalls: 3, dropped: 2 });
    expect(reported(stream)).toEqual([{ latency: 1.3, firstFrame: 0.4, buffer: 0.7, stalls: 3, dropped: 2 }]);
    expect(stream.latency).toBe(1.3);
    const text = await metrics.text();
    expect(text).toContain('sluice_viewer_latency_seconds_count 2\n');
    expect(text).toContain('sluice_viewer_first_frame_seconds_count 1\n');
    expect(text).toContain('sluice_viewer_stalls_total 3\n');
    expect(text).toContain('sluice_viewer_dropped_frames_total 2\n');
  });

  it('say nothing any more of what they no longer tell', () => {
    const { relay, stream, visit } = make();
    const asks = (report: ClientData['report']): void => {
      visit('a', '192.0.2.1', told(report))();
      relay.clock.pass(4_000);
    };
    asks({});
    asks({ latency: 1.1, stalls: 1 });
    asks({ buffer: 0.5 });
    expect(reported(stream)).toEqual([{ buffer: 0.5, stalls: 1 }]);
  });

  it('are counted dry as often as they say that they were', () => {
    const { relay, stream, visit } = make();
    for (const starved of [true, false, true]) {
      visit('a', '192.0.2.1', told({ buffer: 1 }, { starved }))();
      relay.clock.pass(4_000);
    }
    expect(reported(stream)).toEqual([{ buffer: 1, stalls: 2 }]);
  });

  it('are known by what their client calls its session, where a request has none of ours', () => {
    const { relay, stream, sessions, visit } = make();
    visit('a', '192.0.2.1', told({}, { session: 'x' }))();
    visit('b', '192.0.2.1', told({}, { session: 'x' }))();
    relay.clock.pass(4_000);
    sessions.hear(stream, told({ buffer: 0.5 }, { session: 'x' }));
    sessions.hear(stream, told({ buffer: 0.6 }, { session: 'y' }));
    sessions.hear(stream, told({ buffer: 0.7 }));
    expect(reported(stream)).toEqual([{ buffer: 0.5 }, {}]);
    expect(stream.viewers).toBe(2);
  });

  it('whose client comes again with another session are known by that once they are gone', () => {
    const { relay, stream, sessions, visit } = make();
    visit('a', '192.0.2.1', told({}, { session: 'x' }))();
    relay.clock.pass(14_000);
    visit('b', '192.0.2.1', told({}, { session: 'x' }))();
    relay.clock.pass(4_000);
    sessions.hear(stream, told({ buffer: 0.5 }, { session: 'x' }));
    expect(reported(stream)).toEqual([{ buffer: 0.5 }]);
  });

  it('report nothing any more once they are disconnected', () => {
    const { relay, stream, sessions, visit } = make();
    visit('a', '192.0.2.1', told({}, { session: 'x' }))();
    const [info] = [...stream.viewerInfos()];
    stream.disconnect(info!.id, new SluiceError('disconnected', 'Cannot go on'));
    relay.clock.pass(4_000);
    sessions.hear(stream, told({ latency: 1 }, { session: 'x' }));
    expect(codeOf(() => visit('a', '192.0.2.1', told({ latency: 1 })))).toBe('disconnected');
    expect(stream.latency).toBeUndefined();
  });
});
