import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { answered, connectPublisher, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { decodeErrors, sampleMedia, type SampleMedia } from '../support/sample-media';
import { refusedUpgrade, TestSocket } from '../support/test-socket';

const RECORDINGS = join(__dirname, '../fixtures/mediarecorder');
const SESSION = 'session-0123456789';

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

async function publish(query = ''): Promise<TestSocket> {
  const publisher = await connectPublisher(relay.wsUrl, 'cam', query);
  clients.push(publisher);
  return publisher;
}

async function publishPlainly(): Promise<TestSocket> {
  const publisher = await TestSocket.plain(`${relay.wsUrl}/publish/cam`);
  clients.push(publisher);
  return publisher;
}

async function watch(): Promise<TestSocket> {
  const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
  clients.push(viewer);
  return viewer;
}

describe('a publisher', () => {
  it('is told what the relay has understood, and how much it has received', async () => {
    const publisher = await publish();
    const viewer = await watch();
    publisher.send(media.init);
    const live = await publisher.next('live');
    expect(live.mime).toMatch(/^video\/mp4; codecs="avc1/);
    expect(live.tracks.map(({ kind }) => kind)).toEqual(['video', 'audio']);
    publisher.send(Buffer.concat(media.fragments));
    const all = media.init.length + media.fragments.reduce((sum, { length }) => sum + length, 0);
    for (;;) {
      const received = await publisher.next('received');
      expect(received.viewers).toBe(1);
      if (received.bytes === all) break;
    }
    await viewer.next('init');
  });

  it('is told how late its picture is, as viewers report it', async () => {
    const publisher = await publish();
    publisher.send(media.init);
    const viewer = await watch();
    await viewer.nextMedia();
    expect(await publisher.next('received')).not.toHaveProperty('latency');
    viewer.tell({ type: 'report', id: 1, latency: 0.1234 });
    await viewer.next('ok');
    publisher.send(media.fragments[0]!);
    for (;;) {
      const { latency } = await publisher.next('received');
      if (latency === undefined) continue;
      expect(latency).toBe(0.123);
      break;
    }
  });

  it('may cut its bytes anywhere', async () => {
    const publisher = await publish();
    const viewer = await watch();
    const file = Buffer.concat([media.init, ...media.fragments]);
    for (let offset = 0; offset < file.length; offset += 997) publisher.send(file.subarray(offset, offset + 997));
    await answered(publisher);
    await answered(viewer);
    expect(viewer.media.length).toBeGreaterThan(file.length * 0.9);
    expect(await decodeErrors(viewer.media)).toBe('');
  });

  it('is asked for a keyframe by a viewer who finds none', async () => {
    const publisher = await publish();
    const firstDelta = media.fragments[2]!;
    await send(publisher, media.init, firstDelta);
    const viewer = await watch();
    expect(await viewer.next('waiting')).toEqual({ type: 'waiting', reason: 'keyframe' });
    await publisher.next('keyframe');
  });

  it('gives the time of capture, which viewers are told', async () => {
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments.slice(0, 10));
    publisher.tell({ type: 'clock', media: 0.25, wall: 1_700_000_000_000 });
    await answered(publisher);
    const viewer = await watch();
    expect(await viewer.next('clock')).toMatchObject({ media: 0.25, wall: 1_700_000_000_000 });
  });

  it('whose message cannot be read is told so, and goes on', async () => {
    const publisher = await publish();
    for (const text of ['no json', '{"type":"stop"}', '{"type":"clock","media":"1","wall":2}']) {
      publisher.socket.send(text);
      expect((await publisher.next('error')).code).toBe('bad-message');
    }
    await send(publisher, media.init);
    expect(publisher.events.some(({ type }) => type === 'live')).toBe(true);
  });

  it('that sends nothing before its first chunk is let go, and the name is free', async () => {
    await relay.close();
    relay = await startRelay({ idleTimeout: 50 });
    const publisher = await publish();
    expect((await publisher.next('error')).code).toBe('publisher-idle');
    expect((await publisher.closed).code).toBe(4408);
    expect(relay.registry.get('cam')).toBeUndefined();
  });

  it('may begin another timeline on the same socket, which is another epoch', async () => {
    const viewer = await watch();
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments, media.init, ...media.fragments);
    const first = await viewer.next('init');
    const second = await viewer.next('init');
    expect(second.epoch).not.toBe(first.epoch);
    expect(publisher.events.filter(({ type }) => type === 'live')).toHaveLength(2);
  });
});

describe('a publisher of bad media', () => {
  it.each([
    ['text', Buffer.from('hello, this is not a video at all'), 'not-a-container', 4415],
    ['a JPEG', Buffer.from('ffd8ffe000104a46494600010101006000600000ffdb0043', 'hex'), 'not-a-container', 4415],
  ])('that sends %s is told why and closed, is logged, and leaves the name free', async (_what, bytes, code, close) => {
    const publisher = await publish();
    publisher.send(bytes);
    expect((await publisher.next('error')).code).toBe(code);
    expect((await publisher.closed).code).toBe(close);
    expect(relay.logged).toContainEqual(expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ name: 'cam', code }) }));
    expect(relay.registry.get('cam')).toBeUndefined();

    const plain = await publishPlainly();
    plain.send(bytes);
    const closed = await plain.closed;
    expect(closed.code).toBe(close);
    expect(closed.reason).toContain(code);
    expect(plain.received).toEqual([]);
  });

  it('whose message is over the limit is told so and closed', async () => {
    await relay.close();
    relay = await startRelay({ maxChunk: 1 << 20 });
    const publisher = await publish();
    publisher.send(Buffer.alloc(4 << 20));
    expect((await publisher.next('error')).code).toBe('message-too-large');
    expect((await publisher.closed).code).toBe(4413);
    await eventually('the name is free', () => relay.registry.get('cam') === undefined);
  });

  it('that stops in the middle of a chunk harms nobody: its viewers wait for the next', async () => {
    const viewer = await watch();
    const publisher = await publish();
    await send(publisher, media.init, ...media.fragments.slice(0, 20), media.fragments[20]!.subarray(0, 100));
    await answered(viewer);
    publisher.socket.terminate();
    expect(await viewer.next('waiting')).toEqual({ type: 'waiting', reason: 'publisher' });
    expect(await decodeErrors(viewer.media)).toBe('');
    await send(await publish(), media.init, ...media.fragments);
    await viewer.next('init');
  });
});

describe('a second publisher', () => {
  it('of a name in use is refused: by a close code if it speaks messages, else over HTTP', async () => {
    await publish();
    const second = await TestSocket.speaking(`${relay.wsUrl}/publish/cam`);
    clients.push(second);
    expect((await second.next('error')).code).toBe('name-in-use');
    const closed = await second.closed;
    expect(closed.code).toBe(4409);
    expect(closed.reason).toContain('name-in-use');

    const { status, body } = await refusedUpgrade(`${relay.wsUrl}/publish/cam`);
    expect([status, body.error.code]).toEqual([409, 'name-in-use']);
  });

  it('of the same session takes over at once, and the first is told', async () => {
    const viewer = await watch();
    const first = await publish(`?session=${SESSION}`);
    await send(first, media.init, ...media.fragments.slice(0, 20));
    const { epoch } = await viewer.next('init');
    await answered(viewer);

    const second = await publish(`?session=${SESSION}`);
    expect((await first.next('error')).code).toBe('replaced');
    expect((await first.closed).code).toBe(4410);
    await send(second, media.init, ...media.fragments);
    expect((await viewer.next('init')).epoch).not.toBe(epoch);
  });

  it('of another session, or of none, does not', async () => {
    await publish(`?session=${SESSION}`);
    for (const query of ['', '?session=another-0123456789']) {
      expect((await refusedUpgrade(`${relay.wsUrl}/publish/cam${query}`)).status).toBe(409);
    }
  });

  it.each(['short', 'with%20spaces-0123456789', 'x'.repeat(129)])('with the session %s is refused', async (session) => {
    const { status, body } = await refusedUpgrade(`${relay.wsUrl}/publish/cam?session=${session}`);
    expect([status, body.error.code]).toEqual([400, 'bad-request']);
  });

  it('continues the stream of one that broke off', async () => {
    const first = await publish();
    await send(first, media.init, ...media.fragments);
    first.socket.terminate();
    await eventually('the stream is held', () => relay.registry.list()[0]?.state === 'held');
    await send(await publish(), media.init, ...media.fragments);
    expect(relay.registry.list()[0]?.state).toBe('live');
  });
});

describe('a publisher that may not', () => {
  it('come through a proxy is told so: after the upgrade if it speaks messages, else over HTTP', async () => {
    const headers = { 'X-Forwarded-For': '203.0.113.9' };
    const { status, body } = await refusedUpgrade(`${relay.wsUrl}/publish/cam`, { headers });
    expect([status, body.error.code]).toEqual([403, 'publish-not-allowed']);
    const publisher = await TestSocket.speaking(`${relay.wsUrl}/publish/cam`, headers);
    clients.push(publisher);
    expect((await publisher.next('error')).code).toBe('publish-not-allowed');
    expect((await publisher.closed).code).toBe(4403);
  });

  it('come from a foreign page is refused before the upgrade', async () => {
    const { status } = await refusedUpgrade(`${relay.wsUrl}/publish/cam`, { protocols: ['sluice.v1'], headers: { Origin: 'null' } });
    expect(status).toBe(403);
  });

  it('have that name is told so', async () => {
    const publisher = await TestSocket.speaking(`${relay.wsUrl}/publish/a.b`);
    clients.push(publisher);
    expect((await publisher.next('error')).code).toBe('bad-name');
    expect((await publisher.closed).code).toBe(4400);
  });
});

describe('a publisher without messages', () => {
  it('ends the stream by a clean close', async () => {
    const viewer = await watch();
    const publisher = await publishPlainly();
    publisher.send(Buffer.concat([media.init, ...media.fragments]));
    publisher.socket.close();
    expect(await viewer.next('end')).toEqual({ type: 'end', reason: 'ended' });
    expect(await decodeErrors(viewer.media)).toBe('');
    expect(publisher.received).toEqual([]);
  });

  it('that breaks off is held', async () => {
    const viewer = await watch();
    const publisher = await publishPlainly();
    publisher.send(Buffer.concat([media.init, ...media.fragments]));
    await viewer.next('init');
    await answered(viewer);
    publisher.socket.close(1001);
    expect(await viewer.next('waiting')).toEqual({ type: 'waiting', reason: 'publisher' });
  });

  it('that sends text is closed', async () => {
    const publisher = await publishPlainly();
    publisher.socket.send('{"type":"end"}');
    expect((await publisher.closed).code).toBe(4400);
  });
});

describe('a recording of MediaRecorder', () => {
  const names = readdirSync(RECORDINGS);
  const blobs = (name: string): Buffer[] =>
    readdirSync(join(RECORDINGS, name))
      .filter((file) => file.endsWith('.bin'))
      .sort()
      .map((file) => readFileSync(join(RECORDINGS, name, file)));

  it.each(names)('%s comes out as media that decodes without a complaint', async (name) => {
    const viewer = await watch();
    const publisher = await publish();
    await send(publisher, ...blobs(name));
    publisher.tell({ type: 'end' });
    expect((await viewer.closed).code).toBe(1000);
    expect(await decodeErrors(viewer.media)).toBe('');
    expect(viewer.media.length).toBeGreaterThan(20_000);
  });
});
