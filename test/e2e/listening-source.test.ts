import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort } from '../../scripts/free-port.mjs';
import { type Ended, FFMPEG, ffmpeg, H264_AAC, testPicture } from '../support/ffmpeg';
import { eventually } from '../support/eventually';
import { startRelay, type TestRelay } from '../support/relay';
import { goneStream, liveStream } from '../support/streams';

const PROTOCOLS = spawnSync(FFMPEG, ['-hide_banner', '-protocols'], { encoding: 'utf8' }).stdout;
/** Seconds that an encoder sends. */
const LENGTH = 6;
const COPIED = { video: 'h264, copied', audio: 'aac, copied' };

let relay: TestRelay | undefined;

afterEach(async () => {
  await relay?.close();
  relay = undefined;
});

/** Sends picture and sound to an address as soon as something listens there. Like OBS and ffmpeg, it connects once, and sends on whatever becomes of it. */
async function encodeTo(output: readonly string[], codecs: readonly string[] = H264_AAC): Promise<Ended> {
  const send = (): Promise<Ended> => ffmpeg(['-re', ...testPicture(LENGTH), ...codecs, ...output]);
  let ended = await send();
  // Nothing listens there yet.
  while (relay !== undefined && /refused|Connection setup failure|timed out/i.test(ended.stderr) && !/write|muxing/i.test(ended.stderr)) ended = await send();
  return ended;
}

const linesOf = (message: string, name: string): readonly Readonly<Record<string, unknown>>[] =>
  (relay?.logged ?? []).filter((line) => line.message === message && line.fields['name'] === name).map(({ fields }) => fields);

const ADDRESSES = {
  tcp: (port: number) => [`tcp://127.0.0.1:${port}?listen=1`, '-f', 'mpegts', `tcp://127.0.0.1:${port}`],
  srt: (port: number) => [`srt://127.0.0.1:${port}?mode=listener`, '-f', 'mpegts', `srt://127.0.0.1:${port}`],
  rtmp: (port: number) => [`rtmp://127.0.0.1:${port}/live/cam?listen=1`, '-f', 'flv', `rtmp://127.0.0.1:${port}/live/cam`],
} as const;
type Protocol = keyof typeof ADDRESSES;

/** Starts a relay with a source for each protocol, which has that name, and returns where an encoder sends to. */
async function listenBy(protocols: readonly Protocol[]): Promise<{ url: string; outputs: Map<Protocol, string[]> }> {
  const outputs = new Map<Protocol, string[]>();
  const sources = [];
  for (const name of protocols) {
    const [input = '', ...output] = ADDRESSES[name](await freePort());
    outputs.set(name, output);
    sources.push({ name, input, loop: false });
  }
  relay = await startRelay({ sources, hold: 0, apiRate: Infinity, requestRate: Infinity });
  return { url: relay.url, outputs };
}

describe('a source that listens', () => {
  it('publishes what the first connection sends over TCP, SRT and RTMP, and the next one', async () => {
    const protocols = (['tcp', 'srt', 'rtmp'] as const).filter((protocol) => new RegExp(`\\b${protocol}\\b`).test(PROTOCOLS));
    const { url, outputs } = await listenBy(protocols);
    const use = async (name: Protocol): Promise<void> => {
      for (const connection of [1, 2]) {
        const encoder = encodeTo(outputs.get(name) ?? []);
        expect((await liveStream(url, name)).tracks).toMatchObject([{ kind: 'video', width: 320 }, { kind: 'audio' }]);
        expect((await encoder).status).toBe(0);
        await eventually('it has left', () => linesOf('Encoder has disconnected', name).length === connection);
        await goneStream(url, name);
      }
      expect(linesOf('Source is live', name)).toMatchObject([COPIED, COPIED]);
      expect(linesOf('Source failed, and is started again', name)).toEqual([]);
    };
    await Promise.all(protocols.map(use));
  });

  it('encodes what browsers do not play from the second connection on', async () => {
    const { url, outputs } = await listenBy(['tcp']);
    // As OBS does, it connects again.
    const encoder = (async () => {
      while (relay !== undefined && (await encodeTo(outputs.get('tcp') ?? [], ['-c:v', 'mpeg2video', '-c:a', 'mp2'])).status !== 0);
    })();
    expect((await liveStream(url, 'tcp')).mime).toMatch(/avc1.*mp4a/);
    await encoder;
    expect(linesOf('Source is live', 'tcp')).toMatchObject([{ video: 'mpeg2video, encoded', audio: 'mp2, encoded' }]);
  });

  it('disconnects whoever sends nothing', async () => {
    const { outputs } = await listenBy(['tcp']);
    const { port } = new URL(outputs.get('tcp')?.at(-1) ?? '');
    const silent = await eventually('it listens', async () => {
      const socket = connect(Number(port), '127.0.0.1');
      const there = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'close').then(() => false)]).catch(() => false);
      return there && socket;
    });
    silent.resume();
    await once(silent, 'close');
  });
});
