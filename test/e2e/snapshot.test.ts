import { spawnSync } from 'node:child_process';
import { keyRule } from '../support/access-rule';
import { FFMPEG } from '../support/ffmpeg';
import { push } from '../support/push';
import { connectPublisher, send } from '../support/publishing';
import { fixture } from '../support/recording';
import { startRelay, type TestRelay } from '../support/relay';
import type { TestSocket } from '../support/test-socket';

let relay: TestRelay;
let publishers: TestSocket[] = [];

afterEach(async () => {
  for (const { socket } of publishers) socket.terminate();
  publishers = [];
  await relay.close();
});

async function publish(media: Uint8Array, name = 'cam', query = ''): Promise<void> {
  const publisher = await connectPublisher(relay.wsUrl, name, query);
  publishers.push(publisher);
  await send(publisher, media);
}

function snapshot(name = 'cam', headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${relay.url}/api/streams/${name}/snapshot.jpg`, { headers });
}

/** Decodes a JPEG, and tells its sides. */
function sides(jpeg: Buffer): string {
  const { status, stderr } = spawnSync(FFMPEG, ['-hide_banner', '-xerror', '-f', 'mjpeg', '-i', 'pipe:0', '-f', 'null', '-'], { input: jpeg, encoding: 'utf8' });
  expect({ status, errors: stderr.split('\n').filter((line) => /error|invalid/i.test(line)) }).toEqual({ status: 0, errors: [] });
  return /Video: mjpeg.* (\d+x\d+)[ ,[]/.exec(stderr)?.[1] ?? '';
}

describe('the snapshot of a stream', () => {
  it.each(['mp4/keyframe.mp4', 'mp4/every-frame.mp4', 'mp4/hvc1.mp4', 'webm/vp8-vorbis.webm', 'webm/vp9-opus.webm'])('is a picture of %s', async (file) => {
    relay = await startRelay();
    await publish(fixture(file));
    const response = await snapshot();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(response.headers.get('cache-control')).toBe('public, max-age=4');
    const jpeg = Buffer.from(await response.arrayBuffer());
    expect(jpeg.subarray(0, 2).toString('hex')).toBe('ffd8');
    expect(sides(jpeg)).toMatch(/^\d+x\d+$/);
  });

  it('isn’t sent again to who has it', async () => {
    relay = await startRelay();
    await publish(fixture('mp4/keyframe.mp4'));
    const etag = (await snapshot()).headers.get('etag') ?? '';
    const again = await snapshot('cam', { 'If-None-Match': `"other", ${etag}` });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
  });

  it('needs a stream with pictures', async () => {
    relay = await startRelay();
    await publish(fixture('mp4/aac.mp4'), 'radio');
    const code = async (name: string): Promise<unknown> => {
      const response = await snapshot(name);
      return [response.status, ((await response.json()) as { error: { code: string } }).error.code];
    };
    expect(await code('radio')).toEqual([404, 'no-snapshot']);
    expect(await code('none')).toEqual([404, 'no-stream']);
    expect(await code('a.b')).toEqual([400, 'bad-name']);
    expect(await code('-i')).toEqual([400, 'bad-name']);
  });

  it('is for who may watch, and kept by no cache that many share', async () => {
    const { rule, keys, remove } = keyRule({ guest: { watch: ['cam'] }, studio: { publish: ['*'] } });
    relay = await startRelay({ accessRule: rule, private: true });
    try {
      await publish(fixture('mp4/keyframe.mp4'), 'cam', `?token=${keys.studio}`);
      expect((await snapshot()).status).toBe(401);
      expect((await snapshot('other', { Authorization: `Bearer ${keys.guest}` })).status).toBe(403);
      const shown = await snapshot('cam', { Authorization: `Bearer ${keys.guest}` });
      expect([shown.status, shown.headers.get('cache-control')]).toEqual([200, 'private, max-age=4']);
    } finally {
      remove();
    }
  });

  it('is told as missing where there is no ffmpeg, and the relay goes on', async () => {
    const known = process.env['FFMPEG_PATH'];
    process.env['FFMPEG_PATH'] = '/nowhere/ffmpeg';
    try {
      relay = await startRelay();
      await publish(fixture('mp4/keyframe.mp4'));
      expect((await snapshot()).status).toBe(404);
    } finally {
      if (known === undefined) delete process.env['FFMPEG_PATH'];
      else process.env['FFMPEG_PATH'] = known;
    }
    expect((await push(`${relay.url}/publish/other`, fixture('mp4/keyframe.mp4'))).status).toBe(200);
  });
});
