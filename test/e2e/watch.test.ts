import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type Clock, systemClock } from '../../src/relay/clock';
import { DEFAULT_RELAY_LIMITS } from '../../src/relay/relay-limits';
import { eventually } from '../support/eventually';
import { needs } from '../support/needs';
import { decodeErrors, heavyMedia, KEYFRAME_EVERY, packets, sampleMedia, type SampleMedia } from '../support/sample-media';
import { answered, connectPublisher, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { refusedUpgrade, TestSocket } from '../support/test-socket';

let relay: TestRelay;
let media: SampleMedia;
const clients: TestSocket[] = [];

beforeAll(async () => {
  media = await sampleMedia();
});

beforeEach(async () => {
  relay = await startRelay();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  await relay.close();
});

/** Media is sent at once, unless `query` says otherwise: a busy machine would gather it. */
function watchAddress(query: string): string {
  const address = new URL(`${relay.wsUrl}/watch/cam${query}`);
  if (!address.searchParams.has('interval')) address.searchParams.set('interval', '0');
  return address.href;
}

async function watch(query = ''): Promise<TestSocket> {
  const viewer = await TestSocket.speaking(watchAddress(query));
  clients.push(viewer);
  return viewer;
}

async function watchPlainly(query = ''): Promise<TestSocket> {
  const viewer = await TestSocket.plain(watchAddress(query));
  clients.push(viewer);
  return viewer;
}

async function publish(query = ''): Promise<TestSocket> {
  const publisher = await connectPublisher(relay.wsUrl, 'cam', query);
  clients.push(publisher);
  return publisher;
}

function size(parts: readonly Buffer[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** Ends the stream cleanly. */
function end(publisher: TestSocket): void {
  publisher.tell({ type: 'end' });
}

describe('a viewer', () => {
  it('is told that nobody publishes, and gets the stream on the same socket once somebody does', async () => {
    const viewer = await watch();
    expect(await viewer.next('waiting')).toEqual({ type: 'waiting', reason: 'publisher' });
    await send(await publish(), media.init, ...media.fragments);
    const init = await viewer.next('init');
    expect(init).toMatchObject({ position: 0, resumed: false, mime: expect.stringMatching(/^video\/mp4; codecs="avc1\.[0-9A-F]{6}, ?mp4a\.40\.2"$/i) });
    expect(init.tracks).toEqual([
      expect.objectContaining({ kind: 'video', width: 320, height: 180 }),
      expect.objectContaining({ kind: 'audio', sampleRate: 48000 }),
    ]);
    await answered(viewer);
    expect(await decodeErrors(viewer.media)).toBe('');
  });

  needs('ffprobe', () => {
    it('that comes late gets the init segment and the newest GOP at once, beginning with a keyframe', async () => {
      await send(await publish(), media.init, ...media.fragments.slice(0, media.fragments.length - 5));
      const early = media.fragments.slice(0, media.fragments.length / 2).reduce((sum, { length }) => sum + length, 0);

      const viewer = await watch();
      const init = await viewer.next('init');
      await answered(viewer);
      expect(init.position).toBeGreaterThan(early);
      const got = await packets(viewer.media);
      expect(got.find(({ kind }) => kind === 'video')).toEqual({ kind: 'video', keyframe: true });
      expect(got.filter(({ keyframe, kind }) => kind === 'video' && keyframe)).toHaveLength(1);
      expect(await decodeErrors(viewer.media)).toBe('');
    });
  });

  it('gets the very bytes that every other viewer gets, at whatever interval', async () => {
    const viewers = [await watch(), await watch('?interval=80'), await watchPlainly()] as const;
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments.slice(0, 2));
    await Promise.all(viewers.map((viewer) => viewer.mediaOf(media.init.length + 1)));
    await send(publisher, ...media.fragments.slice(2));
    end(publisher);
    await Promise.all(viewers.map(({ closed }) => closed));
    expect(viewers[0].media.length).toBeGreaterThan(50_000);
    expect(viewers[1].media.equals(viewers[0].media)).toBe(true);
    expect(viewers[2].media.equals(viewers[0].media)).toBe(true);
  });

  it('is told the time of the media by the relay’s clock', async () => {
    const viewer = await watch();
    const begun = Date.now();
    await send(await publish(), media.init, ...media.fragments.slice(0, 20));
    const { epoch } = await viewer.next('init');
    const clock = await viewer.next('clock');
    expect(clock.epoch).toBe(epoch);
    expect(clock.wall).toBeGreaterThan(begun - 1_000);
    expect(clock.wall).toBeLessThan(Date.now() + 1_000);
  });

  it('stays connected while its publisher is away, and goes on with a new epoch when it is back', async () => {
    const viewer = await watch();
    const first = await publish();
    await send(first, media.init, ...media.fragments);
    const before = await viewer.next('init');
    await answered(viewer);
    first.socket.terminate();
    expect(await viewer.next('waiting')).toEqual({ type: 'waiting', reason: 'publisher' });

    await send(await publish(), media.init, ...media.fragments);
    const after = await viewer.next('init');
    expect(after.epoch).not.toBe(before.epoch);
    expect(after).toMatchObject({ position: 0, resumed: false });
  });

  it('is told the end when the publisher has not come back in time', async () => {
    await relay.close();
    relay = await startRelay({ hold: 50 });
    const viewer = await watch();
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments);
    publisher.socket.terminate();
    expect(await viewer.next('end')).toEqual({ type: 'end', reason: 'ended' });
    expect(await viewer.closed).toEqual({ code: 1000, reason: 'ended' });
  });

  it('is told the end at once when the publisher says so, and the name is free again', async () => {
    const viewer = await watch();
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments);
    end(publisher);
    expect(await viewer.next('end')).toEqual({ type: 'end', reason: 'ended' });
    expect((await viewer.closed).code).toBe(1000);
    expect((await publisher.closed).code).toBe(1000);
    await eventually('the stream is forgotten', () => relay.registry.get('cam') === undefined);
  });

  it('is told to connect again when the relay restarts', async () => {
    const viewer = await watch();
    const plain = await watchPlainly();
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments);
    await relay.close();
    expect(await viewer.next('end')).toEqual({ type: 'end', reason: 'restart' });
    expect((await viewer.closed).code).toBe(1012);
    expect((await plain.closed).code).toBe(1012);
    expect(await publisher.next('end')).toEqual({ type: 'end', reason: 'restart' });
    expect((await publisher.closed).code).toBe(1012);
  });
});

describe('a viewer without messages', () => {
  it('gets bytes that joined together are a valid file', async () => {
    const viewer = await watchPlainly();
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments);
    end(publisher);
    expect(await viewer.closed).toEqual({ code: 1000, reason: 'ended' });
    expect(viewer.events).toEqual([]);
    expect(await decodeErrors(viewer.media)).toBe('');
  });

  it('is closed with 1012 when a new epoch begins, if it asks for that', async () => {
    const viewer = await watchPlainly('?continuous=0');
    const first = await publish();
    await send(first, media.init, ...media.fragments);
    const whole = await viewer.mediaOf(1);
    first.socket.terminate();
    await eventually('the publisher is away', () => relay.registry.list()[0]?.state === 'held');
    await send(await publish(), media.init, ...media.fragments);
    expect(await viewer.closed).toEqual({ code: 1012, reason: 'new-epoch' });
    expect(whole.length).toBeGreaterThan(0);
    expect(await decodeErrors(viewer.media)).toBe('');
  });
});

describe('a viewer that was away', () => {
  it('gets exactly the bytes that it missed', async () => {
    const always = await watch();
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments.slice(0, 20));
    const { epoch } = await always.next('init');
    const head = await always.nextMedia();
    await answered(always);
    const position = always.media.length - head.length;

    await send(publisher, ...media.fragments.slice(20));
    await answered(always);
    const back = await watch(`?epoch=${epoch}&position=${position}`);
    expect(await back.next('init')).toMatchObject({ epoch, position, resumed: true });
    await answered(back);
    expect(back.media.equals(always.media.subarray(head.length + position))).toBe(true);
  });

  it('begins anew at the live edge when its place is not held any more', async () => {
    await send(await publish(), media.init, ...media.fragments);
    for (const query of ['?epoch=gone&position=0', `?epoch=${relay.registry.get('cam')!.epoch!.id}&position=1`]) {
      const viewer = await watch(query);
      expect((await viewer.next('init')).resumed).toBe(false);
      await answered(viewer);
      expect(await decodeErrors(viewer.media)).toBe('');
    }
  });
});

describe('the requests of a viewer', () => {
  it('stop the flow and let it go on where it was', async () => {
    const [viewer, steady] = [await watch(), await watch()];
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments.slice(0, 20));
    const { epoch } = await viewer.next('init');
    const head = await viewer.nextMedia();
    viewer.tell({ type: 'pause', id: 5 });
    expect(await viewer.next('ok')).toEqual({ type: 'ok', id: 5 });
    const sent = viewer.media.length;

    await send(publisher, ...media.fragments.slice(20));
    await answered(viewer);
    expect(viewer.media.length).toBe(sent);

    const position = sent - head.length;
    viewer.tell({ type: 'play', id: 6, epoch, position });
    expect(await viewer.next('ok')).toEqual({ type: 'ok', id: 6 });
    expect(await viewer.next('init')).toMatchObject({ epoch, position, resumed: true });
    end(publisher);
    await Promise.all([viewer.closed, steady.closed]);
    expect(await decodeErrors(viewer.media)).toBe('');
    expect(viewer.media.equals(steady.media)).toBe(true);
  });

  it('are answered by the relay’s time, and by "ok" where an id came', async () => {
    const viewer = await watch();
    const asked = Date.now();
    viewer.tell({ type: 'ping', id: 1 });
    const pong = await viewer.next('pong');
    expect(pong.id).toBe(1);
    expect(pong.wall).toBeGreaterThanOrEqual(asked);
    expect(pong.wall).toBeLessThanOrEqual(Date.now());
    viewer.tell({ type: 'report', id: 2, latency: 0.3, stalls: 0 });
    expect(await viewer.next('ok')).toEqual({ type: 'ok', id: 2 });
    viewer.tell({ type: 'received', epoch: 'e', position: 0 });
    viewer.tell({ type: 'ok', id: 3 });
    await answered(viewer);
    expect(viewer.events.filter(({ type }) => type === 'ok' || type === 'error')).toHaveLength(1);
  });

  it('that cannot be read are answered with an error, and the socket stays', async () => {
    const viewer = await watch();
    for (const text of ['no json', 'null', '[]', '{"type":"rewind"}', '{"type":"ping"}', '{"type":"play","position":3}', '{"type":"received","epoch":"e","position":-1}']) {
      viewer.socket.send(text);
      expect((await viewer.next('error')).code).toBe('bad-message');
    }
    viewer.tell({ type: 'rewind', id: 9 });
    expect(await viewer.next('error')).toMatchObject({ code: 'bad-message', id: 9 });
    viewer.socket.send(Buffer.from('binary'));
    expect((await viewer.next('error')).code).toBe('bad-message');
    await answered(viewer);
  });

  it('that are too large end the socket with their own code', async () => {
    const viewer = await watch();
    viewer.socket.send(`{"type":"${'x'.repeat(70_000)}"}`);
    expect((await viewer.next('error')).code).toBe('message-too-large');
    expect((await viewer.closed).code).toBe(4413);
  });
});

describe('a refused viewer', () => {
  it('from a page of another site gets 403 before the upgrade, whatever it speaks', async () => {
    for (const protocols of [[], ['sluice.v1']]) {
      const { status, body } = await refusedUpgrade(`${relay.wsUrl}/watch/cam`, { protocols, headers: { Origin: 'https://evil.example' } });
      expect(status).toBe(403);
      expect(body.error.code).toBe('wrong-origin');
    }
    const { status, body } = await refusedUpgrade(`${relay.wsUrl}/watch/cam`, { headers: { Host: 'evil.example' } });
    expect([status, body.error.code]).toEqual([403, 'wrong-host']);
  });

  it('from the relay’s own page is let in', async () => {
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`, { Origin: relay.url });
    clients.push(viewer);
    await viewer.next('waiting');
  });

  it.each(['/watch/a.b', '/watch/-a', '/watch/a%20b', '/watch/%', `/watch/${'a'.repeat(65)}`, '/watch/cam.mp4'])('by the name in %s gets its code', async (path) => {
    const { status, body } = await refusedUpgrade(relay.wsUrl + path);
    expect([status, body.error.code]).toEqual([400, 'bad-name']);
    expect(body.error.remedy).not.toBe('');

    const viewer = await TestSocket.speaking(relay.wsUrl + path);
    clients.push(viewer);
    expect((await viewer.next('error')).code).toBe('bad-name');
    expect((await viewer.closed).code).toBe(4400);
    expect(relay.registry.list()).toEqual([]);
  });

  it.each(['?epoch=e', '?position=0', '?epoch=e&position=-1', '?epoch=e&position=1e3', '?epoch=&position=0', '?interval=', '?interval=30', '?interval=-20', '?interval=20.0', '?continuous=', '?continuous=true'])('with %s gets its code', async (query) => {
    const { status, body } = await refusedUpgrade(`${relay.wsUrl}/watch/cam${query}`);
    expect([status, body.error.code]).toEqual([400, 'bad-request']);
  });

  it.each(['/', '/watch', '/watch/', '/watch/cam/x', '/other/cam'])('at %s gets 404', async (path) => {
    const { status, body } = await refusedUpgrade(relay.wsUrl + path);
    expect([status, body.error.code]).toEqual([404, 'not-found']);
  });
});

describe('a viewer that stops reading', () => {
  let ahead = 0;
  const begun = systemClock.now();
  // It stands still, so that no slow machine makes a viewer late.
  const clock: Clock = { ...systemClock, now: () => begun + ahead };
  const connections: Socket[] = [];
  const note = (message: unknown): void => void connections.push((message as { socket: Socket }).socket);

  beforeEach(async () => {
    await relay.close();
    relay = await startRelay({}, { clock });
    subscribe('net.server.socket', note);
  });

  afterEach(() => unsubscribe('net.server.socket', note));

  /** A viewer, and the relay's end of its connection. */
  async function watchedConnection(): Promise<[TestSocket, Socket]> {
    connections.length = 0;
    const viewer = await watch();
    await answered(viewer);
    return [viewer, connections[0]!];
  }

  it('is sent a bounded amount, and once it reads again goes on with a keyframe, told by a skip', async () => {
    const heavy = await heavyMedia();
    const publisher = await publish();
    await send(publisher, heavy.init, ...heavy.fragments.slice(0, 1));
    const [viewer, connection] = await watchedConnection();
    viewer.socket.pause();

    const largest = Math.max(...heavy.fragments.map(({ length }) => length));
    let queued = 0;
    for (const fragment of heavy.fragments) {
      await send(publisher, fragment);
      queued = Math.max(queued, connection.writableLength);
    }
    expect(queued).toBeGreaterThan(DEFAULT_RELAY_LIMITS.viewerQueue);
    expect(queued).toBeLessThan(DEFAULT_RELAY_LIMITS.viewerQueue + 2 * largest);

    ahead += 5_000;
    viewer.socket.resume();
    const skip = await viewer.next('skip');
    expect(skip.to).toBeGreaterThan(skip.from);
    const join = await viewer.nextMedia();
    expect(heavy.fragments.findIndex((fragment) => fragment.equals(join))).toBe(KEYFRAME_EVERY);
    await answered(viewer);
    await send(publisher, ...heavy.fragments.slice(-1));
    await viewer.nextMedia();
  });

  it('is asked whether all has arrived once no receipt came for 2 s, and goes on with what it missed when it says so', async () => {
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments.slice(0, 2));
    const viewer = await watch();
    viewer.answersSync = false;
    await answered(viewer);
    ahead += 1_900;
    await send(publisher, ...media.fragments.slice(2, 3));
    ahead += 200;
    await send(publisher, ...media.fragments.slice(3, 5));
    const { id } = await viewer.next('sync');
    await answered(viewer);
    expect(viewer.media.equals(Buffer.concat([media.init, ...media.fragments.slice(0, 3)]))).toBe(true);
    viewer.tell({ type: 'ok', id });
    await answered(viewer);
    expect(viewer.media.equals(Buffer.concat([media.init, ...media.fragments.slice(0, 5)]))).toBe(true);
  });

  it('is never asked as long as its receipts come', async () => {
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments.slice(0, 2));
    const viewer = await watch();
    const { epoch, position } = await viewer.next('init');
    for (const fragment of media.fragments.slice(2)) {
      await answered(viewer);
      viewer.tell({ type: 'received', epoch, position: position + viewer.media.length - media.init.length });
      await answered(viewer);
      ahead += 1_900;
      await send(publisher, fragment);
    }
    await answered(viewer);
    expect(viewer.events.some(({ type }) => type === 'sync')).toBe(false);
    expect(viewer.media.length - media.init.length).toBe(relay.registry.get('cam')!.epoch!.position);
  });

  it('and knows no messages is asked by a ping, whose pong is its receipt', async () => {
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments.slice(0, 2));
    const viewer = await TestSocket.plain(`${relay.wsUrl}/watch/cam`, {}, { autoPong: false });
    clients.push(viewer);
    await viewer.mediaOf(media.init.length + size(media.fragments.slice(0, 2)));
    const pinged = once(viewer.socket, 'ping') as Promise<[Buffer]>;
    ahead += 2_100;
    await send(publisher, ...media.fragments.slice(2, 5));
    const [payload] = await pinged;
    const { epoch } = relay.registry.get('cam')!;
    expect(payload.toString()).toBe(`${epoch!.id} ${size(media.fragments.slice(0, 2))}`);
    expect(viewer.media.length).toBe(media.init.length + size(media.fragments.slice(0, 2)));
    viewer.socket.pong(payload);
    const received = await viewer.mediaOf(media.init.length + size(media.fragments.slice(0, 5)));
    expect(received.equals(Buffer.concat([media.init, ...media.fragments.slice(0, 5)]))).toBe(true);
  });

  it('for 15 s is let go, and told so once it reads again, and the others don’t notice', async () => {
    const heavy = await heavyMedia();
    const publisher = await publish();
    await send(publisher, heavy.init);
    const [slow, connection] = await watchedConnection();
    const other = await watch();
    slow.socket.pause();
    await send(publisher, ...heavy.fragments);
    ahead += 16_000;
    await eventually('the slow one is let go', () => relay.registry.get('cam')!.viewers === 1);
    expect(connection.destroyed).toBe(false);
    slow.answersSync = false;
    slow.socket.resume();
    expect((await slow.closed).code).toBe(4008);
    end(publisher);
    expect((await other.closed).code).toBe(1000);
    expect(await decodeErrors(other.media)).toBe('');
  });

  it('and asks on and on is cut off, and the answers that wait for it are few', async () => {
    const [viewer, connection] = await watchedConnection();
    viewer.socket.pause();
    let queued = 0;
    connection.on('data', () => (queued = Math.max(queued, connection.writableLength)));
    const cutOff = once(connection, 'close');
    const request = Buffer.from(JSON.stringify({ type: 'ping', id: 1 }));
    for (let count = 0; count < 300_000; count++) viewer.socket.send(request, { binary: false });
    await cutOff;
    expect(queued).toBeLessThan(100_000);
    expect(relay.registry.get('cam')).toBeUndefined();
  });

  it('and pauses and plays again and again is not sent everything again and again', async () => {
    const heavy = await heavyMedia();
    const publisher = await publish();
    await send(publisher, heavy.init, ...heavy.fragments.slice(0, 15));
    const [viewer, connection] = await watchedConnection();
    viewer.socket.pause();
    const gop = size(heavy.fragments.slice(0, 15));
    const requests = Array.from({ length: 20 }, (_, id) => [{ type: 'pause' }, { type: 'play', id }]).flat().map((request) => JSON.stringify(request));
    const maskedHeader = 6;
    const heeded = connection.bytesRead + requests.reduce((sum, { length }) => sum + length + maskedHeader, 0);
    for (const request of requests) viewer.socket.send(request);
    await eventually('all requests were heeded', () => connection.bytesRead === heeded);
    await answered(publisher);
    expect(connection.writableLength).toBeLessThan(2 * gop);
    viewer.socket.resume();
    while ((await viewer.next('ok')).id !== 19);
    await viewer.next('init');
  });
});
