import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { MediaParser } from '../../src/media/media-parser';
import type { ViewerList } from '../../src/protocol/viewer-info';
import { parsePieces } from '../support/container-parser-contract';
import { eventually } from '../support/eventually';
import { FakeClock } from '../support/fake-clock';
import { FFMPEG, FRAGMENTED, H264_AAC, start, startFfmpeg, testPicture } from '../support/ffmpeg';
import { needs } from '../support/needs';
import { connectPublisher, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { decodeErrors, sampleMedia, type SampleMedia } from '../support/sample-media';
import { samplesOf } from '../support/samples-of';
import { recordedBlobs } from '../support/recording';
import { liveStream, streamInfo } from '../support/streams';
import type { TestSocket } from '../support/test-socket';

let relay: TestRelay;
let media: SampleMedia;
let publisher: TestSocket;

beforeAll(async () => {
  media = await sampleMedia();
});

afterEach(async () => {
  publisher.socket.terminate();
  await relay.close();
});

/** A relay with a stream of four seconds that goes on, a frame a chunk. */
async function live(options: Parameters<typeof startRelay>[0] = {}, machine: Parameters<typeof startRelay>[1] = {}): Promise<void> {
  relay = await startRelay(options, machine);
  publisher = await connectPublisher(relay.wsUrl, 'cam');
  await send(publisher, media.init, ...media.fragments.slice(0, -20));
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
  return fetch(`${relay.url}/hls/cam/${path}`, { headers, method });
}

/** The same of a playlist, also where it has one segment: the sample has too few for any player. */
function getList(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return get(`${path}${path.includes('?') ? '&' : '?'}segments=1`, headers);
}

async function playlist(query = ''): Promise<string> {
  return (await getList(`media.m3u8${query}`)).text();
}

/** All addresses in a playlist, in order. */
function addresses(list: string, kind: RegExp): string[] {
  return [...list.matchAll(/^(?!#)(.+)$|URI="([^"]+)"/gm)].map(([, line, uri]) => line ?? uri ?? '').filter((address) => kind.test(address));
}

const SEGMENT = /\/\d+\.m4s$/;
const PART = /\/p\d+\.m4s$/;

async function bytes(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

async function errorCode(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}

/** Seconds of video in a fragmented MP4, by what its samples say. */
function mediaDuration(file: Buffer): number {
  const { chunks, inits } = parsePieces((sink) => new MediaParser(sink), [file]);
  const video = inits[0]!.tracks.find(({ kind }) => kind === 'video')!;
  const spans = chunks.flatMap((chunk) => chunk.spans).filter(({ trackId }) => trackId === video.id);
  return spans.reduce((sum, { duration }) => sum + duration, 0) / video.timescale;
}

describe('HLS', () => {
  it('lists one variant, whose playlist lists media that decodes without a complaint', async () => {
    await live();
    const index = await getList('index.m3u8');
    expect([index.status, index.headers.get('content-type'), index.headers.get('cache-control')]).toEqual([200, 'application/vnd.apple.mpegurl', 'no-store']);
    const variant = await index.text();
    expect(variant).toMatch(/^#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1\.[0-9A-F]{6},mp4a\.40\.2",RESOLUTION=320x180,FRAME-RATE=15\.000\n[\w-]{44}\/media\.m3u8\?segments=1\n$/);

    const address = variant.trim().split('\n').pop()!;
    const list = await (await get(address)).text();
    const [init = ''] = addresses(list, /init/);
    const files = await Promise.all([init, ...addresses(list, SEGMENT)].map(async (file) => bytes(await get(address.replace('media.m3u8?segments=1', file)))));
    expect(files.length).toBeGreaterThan(1);
    expect(await decodeErrors(Buffer.concat(files))).toBe('');
  });

  it('has the same bytes in a segment and in its parts', async () => {
    await live();
    const list = await playlist();
    const [segment = ''] = addresses(list, SEGMENT);
    const parts = addresses(list.slice(0, list.indexOf(segment)), PART);
    const whole = await bytes(await get(segment));
    expect(Buffer.concat(await Promise.all(parts.map(async (part) => bytes(await get(part))))).equals(whole)).toBe(true);
  });

  it('makes one fragment of the frames of a part, with the tracks in the order of the moov and every packet as it was published', async () => {
    await live();
    const list = await playlist();
    const [init = ''] = addresses(list, /init/);
    const files = await Promise.all([init, ...addresses(list, SEGMENT)].map(async (address) => bytes(await get(address))));
    const { inits, chunks } = parsePieces((sink) => new MediaParser(sink), [Buffer.concat(files)]);
    const order = inits[0]!.tracks.map(({ id }) => id);
    expect(chunks.length).toBe(addresses(list.slice(0, list.lastIndexOf('#EXTINF')), PART).length);
    for (const { spans } of chunks) expect(spans.map(({ trackId }) => trackId)).toEqual(order);
    const published = await samplesOf(Buffer.concat([media.init, ...media.fragments]));
    for (const [track, samples] of Object.entries(await samplesOf(Buffer.concat(files)))) {
      expect(samples.length).toBeGreaterThan(25);
      // Sound before the first picture is left out.
      const from = published[track]!.findIndex(({ data }) => data === samples[0]!.data);
      expect(published[track]!.slice(from, from + samples.length)).toEqual(samples);
    }
  });

  it('answers ranges, HEAD, and whoever has a file already', async () => {
    await live();
    const [segment = ''] = addresses(await playlist(), SEGMENT);
    const whole = await get(segment);
    const all = await bytes(whole);
    const etag = whole.headers.get('etag')!;
    expect(whole.headers.get('cache-control')).toBe('public, max-age=3600, immutable');
    const range = await get(segment, { Range: 'bytes=100-299' });
    expect([range.status, range.headers.get('content-range')]).toEqual([206, `bytes 100-299/${all.length}`]);
    expect((await bytes(range)).equals(all.subarray(100, 300))).toBe(true);
    expect((await get(segment, { Range: 'bytes=100-299', 'If-Range': '"other"' })).status).toBe(200);
    expect((await get(segment, { Range: `bytes=${all.length}-` })).status).toBe(416);
    expect((await get(segment, { 'If-None-Match': etag })).status).toBe(304);
    const head = await get(segment, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), (await bytes(head)).length]).toEqual([200, String(all.length), 0]);
  });

  it('sends playlists zipped to whoever takes that, each with a tag of its own', async () => {
    await live();
    const tags = await Promise.all(
      ['gzip', 'identity', 'gzip;q=0', 'br, gzip;q=0.5'].map(async (encoding) => {
        const response = await getList('media.m3u8', { 'Accept-Encoding': encoding });
        expect(await response.text()).toMatch(/^#EXTM3U/);
        expect(response.headers.get('vary')).toBe('Accept-Encoding');
        return [response.headers.get('content-encoding'), response.headers.get('etag')];
      }),
    );
    expect(tags[0]).toEqual(['gzip', expect.stringMatching(/-gzip"$/)]);
    expect(tags[1]).toEqual([null, expect.not.stringMatching(/-gzip"$/)]);
    expect(tags[2]).toEqual(tags[1]);
    expect(tags[3]).toEqual(tags[0]);
    expect((await getList('media.m3u8', { 'If-None-Match': tags[0]![1]! })).status).toBe(304);
  });

  it('holds a request until the part that it asks for is there', async () => {
    await live();
    const list = await playlist();
    const sequence = Number(/MEDIA-SEQUENCE:(\d+)/.exec(list)![1]) + addresses(list, SEGMENT).length;
    const open = addresses(list.slice(list.lastIndexOf('EXTINF')), PART).length - 1;
    let answered = false;
    const blocked = playlist(`?_HLS_msn=${sequence}&_HLS_part=${open}`).then((answer) => {
      answered = true;
      return answer;
    });
    const hint = get(addresses(list, PART).pop()!);
    await playlist();
    expect(answered).toBe(false);
    await send(publisher, ...media.fragments.slice(-20));
    const next = await blocked;
    expect(addresses(next, PART).length).toBeGreaterThan(addresses(list, PART).length);
    const part = await bytes(await hint);
    const hinted = addresses(list, PART).pop()!;
    expect(next).toContain(`URI="${hinted}"`);
    expect((await bytes(await get(hinted))).equals(part)).toBe(true);
  });

  it('sends a part that it has hinted at once it is whole, with its length', async () => {
    await live();
    const hinted = addresses(await playlist(), PART).pop()!;
    const responding = once(request(`${relay.url}/hls/cam/${hinted}`).end(), 'response');
    await send(publisher, ...media.fragments.slice(-20));
    const [response] = (await responding) as [IncomingMessage];
    const body = await buffer(response);
    expect(body.subarray(4, 8).toString()).toBe('moof');
    expect(response.headers['content-length']).toBe(String(body.length));
  });

  it('tells whoever waits that the stream is over, and goes on to serve it', async () => {
    await live();
    const list = await playlist();
    const next = Number(/MEDIA-SEQUENCE:(\d+)/.exec(list)![1]) + addresses(list, SEGMENT).length;
    const waiting = Array.from({ length: 200 }, () => playlist(`?_HLS_msn=${next}`));
    publisher.tell({ type: 'end' });
    const answers = new Set(await Promise.all(waiting));
    expect([...answers]).toEqual([expect.stringMatching(/#EXT-X-ENDLIST\n$/)]);
    const [last = ''] = addresses([...answers][0]!, SEGMENT).slice(-1);
    expect((await get(last)).status).toBe(200);
  });

  it('begins a discontinuity with another init segment where a publisher begins anew', async () => {
    await live();
    await playlist();
    await send(publisher, media.init, ...media.fragments);
    const list = await playlist();
    expect(list.match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1);
    const inits = addresses(list, /init/);
    expect(inits).toHaveLength(2);
    expect((await get(inits[0]!)).status).toBe(200);
  });

  it.each([
    ['media.m3u8?_HLS_part=1', 400, 'bad-request'],
    ['media.m3u8?_HLS_msn=x', 400, 'bad-request'],
    ['media.m3u8?_HLS_msn=4000000000', 400, 'bad-request'],
    ['media.m3u8?segments=1&x=y', 200, undefined],
    ['media.m3u8?segments=0', 400, 'bad-request'],
    ['index.m3u8?segments=4', 400, 'bad-request'],
    ['other.m3u8', 404, 'not-found'],
    ['00000000/0.m4s', 404, 'not-found'],
    ['00000000/init1.mp4', 404, 'not-found'],
    ['TIMELINE/p999.m4s', 404, 'not-found'],
    ['TIMELINE/999.m4s', 404, 'not-found'],
    ['TIMELINE/-1.m4s', 404, 'not-found'],
    ['TIMELINE/init9.mp4', 404, 'not-found'],
    ['TIMELINE/..%2F0.m4s', 404, 'not-found'],
  ])('answers %s with %i', async (path, status, code) => {
    await live();
    const [timeline = ''] = addresses(await playlist(), SEGMENT)[0]!.split('/');
    const response = await get(path.replace('TIMELINE', timeline));
    expect(response.status).toBe(status);
    if (code !== undefined) expect(await errorCode(response)).toBe(code);
  });

  it('refuses what is no stream, no name, or another host', async () => {
    await live();
    expect(await errorCode(await fetch(`${relay.url}/hls/nobody/index.m3u8`))).toBe('no-stream');
    expect(await errorCode(await fetch(`${relay.url}/hls/-/media.m3u8`))).toBe('bad-name');
    for (const headers of [{ Origin: 'https://evil.example' }, { Host: 'evil.example' }]) {
      const asked = request(`${relay.url}/hls/cam/index.m3u8`, { headers }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(403);
      response.destroy();
    }
  });

  it('tells of a viewer what it reports with requests for playlists and media, and counts it once', async () => {
    const clock = new FakeClock();
    await live({}, { clock });
    const [part = ''] = addresses(await playlist(), PART);
    await get(`${part}?CMCD=msd%3D400%2Cv%3D2`);
    clock.pass(4_000);
    await get(`${part}?CMCD=bl%3D1200%2Cbs%2Csid%3D%22x%22`);
    clock.pass(4_000);
    await playlist('?CMCD=ltc%3D900%2Cdfa%3D3%2Cv%3D2');
    const { total, viewers } = (await (await fetch(`${relay.url}/api/streams/cam/viewers`)).json()) as ViewerList;
    expect(total).toBe(1);
    expect(viewers[0]).toMatchObject({ transport: 'hls', latency: 0.9, firstFrame: 0.4, stalls: 1, dropped: 3 });
    expect(await (await fetch(`${relay.url}/metrics`)).text()).toContain('sluice_viewer_buffer_seconds_sum 1.2\n');
  });

  it.each(['bl%3D1200%2Cltc%3D900%2Csid%3D%22x%22', '%22', 'x', ''])('gives the same playlist, by the same tag, and the same media, whatever a client tells with it: CMCD=%s', async (told) => {
    await live();
    const [plain, telling] = await Promise.all(['', `?CMCD=${told}`].map((query) => getList(`media.m3u8${query}`)));
    const list = await plain!.text();
    expect(await telling!.text()).toBe(list);
    const etag = plain!.headers.get('etag')!;
    expect([telling!.headers.get('etag'), telling!.headers.get('cache-control')]).toEqual([etag, plain!.headers.get('cache-control')]);
    expect((await getList(`media.m3u8?CMCD=${told}`, { 'If-None-Match': etag })).status).toBe(304);
    expect((await get(`media.m3u8?_HLS_msn=0&_HLS_skip=YES&CMCD=${told}`)).status).toBe(200);
    const part = addresses(list, PART)[0]!;
    expect(await bytes(await get(`${part}?CMCD=${told}`))).toEqual(await bytes(await get(part)));
    expect((await streamInfo(relay.url, 'cam'))?.viewers).toBe(1);
  });

  it('counts nobody without sessions, and lets everybody share one address', async () => {
    await live({ hlsSessions: false });
    expect(await (await getList('index.m3u8')).text()).toMatch(/\nmedia\.m3u8\?segments=1\n$/);
    expect((await getList('media.m3u8')).headers.get('cache-control')).toBe('public, max-age=1');
    expect((await get('media.m3u8?_HLS_msn=0')).headers.get('cache-control')).toBe('public, max-age=24');
    expect((await streamInfo(relay.url, 'cam'))?.viewers).toBe(0);
  });

  it.each(['webm-vp9-opus-kf1s', 'webm-av1-opus', 'webm-h264-opus'])('makes fragmented MP4 of %s', async (name) => {
    relay = await startRelay();
    publisher = await connectPublisher(relay.wsUrl, 'cam');
    await send(publisher, ...recordedBlobs(name));
    const listening = jest.spyOn(relay.registry.get('cam')!, 'listen');
    const asked = playlist();
    await eventually('it is packaged', () => listening.mock.calls.length > 0);
    publisher.tell({ type: 'end' });
    await asked;
    const list = await eventually('the stream is over', async () => {
      const text = await playlist();
      return text.includes('ENDLIST') && text;
    });
    const files = await Promise.all([...addresses(list, /init/), ...addresses(list, SEGMENT)].map(async (address) => bytes(await get(address))));
    const file = Buffer.concat(files);
    expect(await decodeErrors(file)).toBe('');
    const listed = [...list.matchAll(/EXTINF:([\d.]+)/g)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
    expect(listed).toBeGreaterThan(1.5);
    expect(mediaDuration(file)).toBeCloseTo(listed, 1);
  });

  it('says what to do where a codec has no place in fragmented MP4', async () => {
    relay = await startRelay();
    publisher = await connectPublisher(relay.wsUrl, 'cam');
    await send(publisher, ...recordedBlobs('webm-vp8-opus-kf1s'));
    const response = await get('index.m3u8');
    expect(response.status).toBe(406);
    expect(await response.text()).toContain('/watch/cam.webm');
  });

  needs('ffmpeg 4.2', () => {
    it('is read by ffmpeg to the end of the stream', async () => {
      relay = await startRelay();
      publisher = await connectPublisher(relay.wsUrl, 'other');
      const pushing = startFfmpeg(['-re', ...testPicture(6), ...H264_AAC, '-movflags', FRAGMENTED, '-f', 'mp4', `${relay.url}/publish/cam`]);
      await liveStream(relay.url, 'cam');
      const reading = start(FFMPEG, ['-hide_banner', '-nostdin', '-v', 'error', '-live_start_index', '0', '-i', `${relay.url}/hls/cam/index.m3u8`, '-f', 'null', '-']);
      expect(await pushing.ended).toMatchObject({ status: 0, stderr: '' });
      expect(await reading.ended).toMatchObject({ status: 0, stderr: '' });
    });
  });
});
