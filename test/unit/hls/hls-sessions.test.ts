import { Metrics } from '../../../src/observe/metrics';
import type { ViewerInfo } from '../../../src/protocol/viewer-info';
import type { ClientData } from '../../../src/hls/client-data';
import { HlsSessions, type OpenRequest } from '../../../src/hls/hls-sessions';
import { SluiceError } from '../../../src/protocol/error-code';
import { ViewerSeats } from '../../../src/access/viewer-seats';
import type { Stream } from '../../../src/relay/stream';
import { codeOf } from '../../support/code-of';
import { FakeRelay } from '../../support/fake-relay';

/** A request that is answered when the test says so. */
class FakeRequest implements OpenRequest {
  readonly refused: SluiceError[] = [];
  readonly #whenOver: (() => void)[] = [];

  whenOver(run: () => void): void {
    this.#whenOver.push(run);
  }

  refuse(error: SluiceError): void {
    this.refused.push(error);
    this.answer();
  }

  answer(): void {
    for (const run of this.#whenOver.splice(0)) run();
  }
}

/** What is asked for: media, unless it says otherwise, and the answer comes at once. */
interface Asked {
  readonly address?: string;
  readonly data?: ClientData;
  readonly playlist?: boolean;
  readonly request?: FakeRequest;
  readonly expiresAt?: number;
}

interface Made {
  readonly relay: FakeRelay;
  readonly stream: Stream;
  readonly seats: ViewerSeats;
  readonly metrics: Metrics;
  readonly sessions: HlsSessions;
  readonly visit: (viewer: string, asked?: Asked) => void;
}

function make(limit = 2): Made {
  const relay = new FakeRelay();
  relay.live();
  const stream = relay.registry.get('cam')!;
  const seats = new ViewerSeats({ maxViewers: limit, maxViewersPerStream: Infinity, maxViewersPerAddress: Infinity });
  const metrics = new Metrics(relay.registry);
  const sessions = new HlsSessions(seats, metrics, relay.clock);
  const visit = (viewer: string, { address = '192.0.2.1', data, playlist = false, request, expiresAt }: Asked = {}): void => {
    const asked = request ?? new FakeRequest();
    const made = { stream: relay.registry.get('cam')!, viewer, address, request: asked, data };
    if (playlist) sessions.visitPlaylist(made, expiresAt);
    else sessions.visitMedia(made, expiresAt);
    if (request === undefined) asked.answer();
  };
  return { relay, stream, seats, metrics, sessions, visit };
}

function told(report: ClientData['report'], { starved = false }: Partial<ClientData> = {}): ClientData {
  return { report, starved };
}

/** What is told of all who watch, as they said it. */
function reported(stream: Stream): Partial<ViewerInfo>[] {
  return [...stream.viewerInfos()].map(({ latency, firstFrame, buffer, stalls, dropped }) =>
    Object.fromEntries(Object.entries({ latency, firstFrame, buffer, stalls, dropped }).filter(([, value]) => value !== undefined)),
  );
}

describe('viewers over HLS', () => {
  it('are counted once for each session that fetches media, and have a seat', () => {
    const { stream, seats, visit } = make();
    visit('a');
    visit('a');
    visit('b');
    expect([stream.viewers, seats.taken]).toEqual([2, 2]);
    expect(codeOf(() => visit('c'))).toBe('full');
    expect(codeOf(() => visit('c', { playlist: true }))).toBe('full');
    expect(stream.viewers).toBe(2);
  });

  it('are neither counted nor remembered for playlists alone', () => {
    const { stream, seats, sessions, visit } = make();
    for (let count = 0; count < 10_000; count++) visit(`viewer ${count}`, { playlist: true });
    expect([stream.viewers, seats.taken, sessions.size]).toEqual([0, 0, 0]);
  });

  it('are never remembered in greater number than there are seats', () => {
    const { sessions, visit } = make(100);
    const codes = Array.from({ length: 10_000 }, (_, count) => codeOf(() => visit(`viewer ${count}`)));
    expect(codes.filter((code) => code === 'full')).toHaveLength(9_900);
    expect(sessions.size).toBe(100);
  });

  it('are gone when they have asked for nothing for 12 s', () => {
    const { relay, stream, seats, sessions, visit } = make();
    visit('a');
    relay.clock.pass(8_000);
    visit('b');
    relay.clock.pass(5_000);
    expect([stream.viewers, seats.taken]).toEqual([1, 1]);
    relay.clock.pass(8_000);
    expect([stream.viewers, seats.taken, sessions.size, relay.clock.pending]).toEqual([0, 0, 0, 1]);
  });

  it('stay while they go on asking for playlists, as when the publisher is silent', () => {
    const { relay, stream, visit } = make();
    visit('a');
    for (let count = 0; count < 5; count++) {
      relay.clock.pass(10_000);
      visit('a', { playlist: true });
    }
    expect(stream.viewers).toBe(1);
  });

  it('stay while a request of theirs is held', () => {
    const { relay, stream, visit } = make();
    const request = new FakeRequest();
    visit('a', { request });
    relay.clock.pass(60_000);
    expect(stream.viewers).toBe(1);
    request.answer();
    relay.clock.pass(14_000);
    expect(stream.viewers).toBe(0);
  });

  it('are gone when their grant has ended, unless a playlist was asked for by another', () => {
    const { relay, stream, sessions, visit } = make();
    const now = relay.clock.wall();
    visit('a', { expiresAt: now + 5_000 });
    visit('b', { expiresAt: now + 5_000 });
    expect(sessions.endOf({ stream, viewer: 'a' })).toBe(now + 5_000);
    visit('b', { playlist: true, expiresAt: now + 9_000 });
    expect(sessions.endOf({ stream, viewer: 'b' })).toBe(now + 9_000);
    relay.clock.pass(5_000);
    expect(stream.viewers).toBe(1);
    expect([sessions.endOf({ stream, viewer: 'a' }), sessions.endOf({ stream, viewer: 'c' })]).toEqual([undefined, undefined]);
    visit('b', { playlist: true });
    expect(sessions.endOf({ stream, viewer: 'b' })).toBe(Infinity);
  });

  it('have one seat also where their stream has ended and begun anew', () => {
    const { relay, stream, seats, visit } = make(1);
    visit('a');
    stream.close('ended');
    relay.live();
    expect(relay.registry.get('cam')).not.toBe(stream);
    visit('a');
    expect([relay.registry.get('cam')!.viewers, stream.viewers, seats.taken]).toEqual([1, 0, 1]);
  });

  it('report what they experience as viewers on sockets do, every few seconds', async () => {
    const { relay, stream, metrics, visit } = make();
    const asks = (report: ClientData['report']): void => visit('a', { data: told(report) });
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
      visit('a', { data: told(report) });
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
      visit('a', { data: told({ buffer: 1 }, { starved }) });
      relay.clock.pass(4_000);
    }
    expect(reported(stream)).toEqual([{ buffer: 1, stalls: 2 }]);
  });

  it('are ended when they are disconnected, with all that is held for them, and report nothing any more', () => {
    const { relay, stream, sessions, visit } = make();
    const requests = [new FakeRequest(), new FakeRequest()] as const;
    visit('a', { request: requests[0] });
    visit('a', { request: requests[1], playlist: true });
    visit('b');
    const [info] = [...stream.viewerInfos()];
    const error = new SluiceError('disconnected', 'Cannot go on');
    stream.disconnect(info!.id, error);
    expect(requests.map(({ refused }) => refused)).toEqual([[error], [error]]);
    relay.clock.pass(4_000);
    expect(codeOf(() => visit('a', { data: told({ latency: 1 }) }))).toBe('disconnected');
    expect(codeOf(() => visit('a', { playlist: true }))).toBe('disconnected');
    expect(stream.latency).toBeUndefined();
    expect(stream.viewers).toBe(1);
    relay.clock.pass(14_000);
    expect(sessions.size).toBe(0);
  });
});
