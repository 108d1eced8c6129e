import { underAttack } from '../support/attacked-relay';
import { eventually } from '../support/eventually';
import { answered, connectPublisher, send } from '../support/publishing';
import { openRaw, rawRequest, UPGRADE } from '../support/raw-request';
import { type SampleMedia, sampleMedia } from '../support/sample-media';
import { goneStream, streamInfo } from '../support/streams';
import { TestSocket } from '../support/test-socket';

/** What is held: who may not publish is refused by every door before anything is created, and nothing that comes from them reaches a viewer. */
const relay = underAttack();
let media: SampleMedia;

beforeAll(async () => {
  media = await sampleMedia();
});

/** Who comes through a proxy isn't of this machine. */
const FOREIGN = 'X-Forwarded-For: 203.0.113.7';
const HOST = 'Host: 127.0.0.1';

describe('a stranger who publishes without leave', () => {
  it('is refused over a socket, and what it sends all the same is relayed to nobody', async () => {
    const viewer = await TestSocket.speaking(`${relay().wsUrl}/watch/stolen`);
    await viewer.next('waiting');
    const publisher = await TestSocket.speaking(`${relay().wsUrl}/publish/stolen`, { 'X-Forwarded-For': '203.0.113.7' });
    for (const part of [media.init, ...media.fragments]) publisher.send(part);
    expect(await publisher.next('error')).toMatchObject({ code: 'publish-not-allowed' });
    expect((await publisher.closed).code).toBe(4403);
    await answered(viewer);
    expect(viewer.media).toHaveLength(0);
    expect(await streamInfo(relay().url, 'stolen')).toBeUndefined();
    viewer.socket.terminate();
  });

  it('is refused over a plain socket before the upgrade, media sent along with the handshake or not', async () => {
    const answer = await rawRequest(relay().port, ['GET /publish/stolen HTTP/1.1', HOST, FOREIGN, ...UPGRADE], media.init);
    expect(answer).toMatchObject({ status: 403, code: 'publish-not-allowed' });
    expect(await streamInfo(relay().url, 'stolen')).toBeUndefined();
  });

  it.each(['PUT', 'POST'])('is refused by %s, with its body, in HTTP chunks, or before it is asked for', async (method) => {
    for (const how of ['Content-Length: 1000000', 'Transfer-Encoding: chunked', 'Content-Length: 1000000\r\nExpect: 100-continue']) {
      const answer = await rawRequest(relay().port, [`${method} /publish/stolen HTTP/1.1`, HOST, FOREIGN, how], how.startsWith('Content') ? media.init : '');
      expect(answer).toMatchObject({ status: 403, code: 'publish-not-allowed' });
      expect(answer.head).not.toContain('100 Continue');
    }
    expect(await streamInfo(relay().url, 'stolen')).toBeUndefined();
  });

  it.each(['PATCH', 'DELETE', 'MKCOL', 'LOCK', 'SOURCE', 'TRACE'])('finds no door by the method %s', async (method) => {
    const { status } = await rawRequest(relay().port, [`${method} /publish/stolen HTTP/1.1`, HOST, 'Connection: close', 'Content-Length: 0']);
    expect([400, 404]).toContain(status);
    expect(await streamInfo(relay().url, 'stolen')).toBeUndefined();
  });
});

describe('who is refused a name that is in use', () => {
  it('adds nothing to the stream of the one who has it, by no door and with no guessed session', async () => {
    const query = '?session=0123456789abcdef0123456789abcdef';
    const owner = await connectPublisher(relay().wsUrl, 'taken', query);
    await send(owner, media.init, ...media.fragments.slice(0, 5));
    const viewer = await TestSocket.speaking(`${relay().wsUrl}/watch/taken`);
    const due = Buffer.concat([media.init, ...media.fragments.slice(0, 5)]).length;
    await viewer.mediaOf(due);
    const refusals = { '': 'name-in-use', '?session=0123456789abcdef0123456789abcdee': 'name-in-use', '?session=': 'bad-request', '?session=*': 'bad-request' };
    for (const [session, code] of Object.entries(refusals)) {
      const thief = await TestSocket.speaking(`${relay().wsUrl}/publish/taken${session}`);
      for (const part of [media.init, ...media.fragments]) thief.send(part);
      expect([session, (await thief.next('error')).code]).toEqual([session, code]);
      await thief.closed;
    }
    const push = await rawRequest(relay().port, ['PUT /publish/taken HTTP/1.1', HOST, `Content-Length: ${media.init.length}`], media.init);
    expect(push).toMatchObject({ status: 409, code: 'name-in-use' });
    await send(owner, ...media.fragments.slice(5, 10));
    const received = await viewer.mediaOf(due + Buffer.concat(media.fragments.slice(5, 10)).length);
    expect(received.equals(Buffer.concat([media.init, ...media.fragments.slice(0, 10)]))).toBe(true);
    viewer.socket.terminate();
    owner.tell({ type: 'end' });
    await goneStream(relay().url, 'taken');
  });
});

describe('a publisher whose media is refused', () => {
  it('is relayed no further, however long it goes on', async () => {
    const viewer = await TestSocket.speaking(`${relay().wsUrl}/watch/broken`);
    await viewer.next('waiting');
    const publisher = await connectPublisher(relay().wsUrl, 'broken');
    await send(publisher, media.init, ...media.fragments.slice(0, 5));
    // A busy relay gathers chunks: the answer to a ping may overtake them.
    const before = await viewer.mediaOf(Buffer.concat([media.init, ...media.fragments.slice(0, 5)]).length);
    expect(before.includes(media.fragments[4]!)).toBe(true);
    const noise = Buffer.alloc(media.fragments[5]!.length);
    noise.writeUInt32BE(9, 0);
    noise.write('moof', 4);
    publisher.send(noise);
    for (const part of media.fragments.slice(6)) publisher.send(part);
    expect(await publisher.next('error')).toMatchObject({ code: 'malformed-media' });
    expect((await publisher.closed).code).toBe(4400);
    await answered(viewer);
    expect(viewer.media.equals(before)).toBe(true);
    viewer.socket.terminate();
  });
});

describe('smuggled requests', () => {
  /** What stands behind the head: five bytes of a body, or HTTP chunks that are over, and another request. */
  const BEHIND = '0\r\n\r\nPUT /publish/inner HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n';

  it.each(['Content-Length: 5', 'Transfer-Encoding: chunked'])('would be answered by themselves, as they are behind an honest one: %s', async (length) => {
    expect(await rawRequest(relay().port, ['PUT /publish/smuggled HTTP/1.1', HOST, length], BEHIND)).toMatchObject({ answers: 2 });
  });

  it.each([
    ['two lengths', ['Content-Length: 5', 'Content-Length: 50']],
    ['a length and HTTP chunks', ['Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['HTTP chunks in disguise', ['Transfer-Encoding: xchunked']],
    ['a length with a sign', ['Content-Length: +5']],
    ['a line that is folded', ['X-Note: a', '\tTransfer-Encoding: chunked', 'Content-Length: 5']],
    ['a space before the colon', ['Content-Length : 5']],
  ])('with %s are one request, and refused', async (_how, headers) => {
    const answer = await rawRequest(relay().port, ['PUT /publish/smuggled HTTP/1.1', HOST, ...headers], BEHIND);
    expect(answer).toMatchObject({ status: 400, answers: 1 });
  });

  it('behind an upgrade that is refused are read by nobody', async () => {
    const socket = openRaw(relay().port);
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    socket.write(['GET /nothing HTTP/1.1', HOST, ...UPGRADE, '', 'GET /api/streams HTTP/1.1', HOST, '', ''].join('\r\n'));
    await eventually('the connection is closed', () => socket.closed);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404']);
  });
});
