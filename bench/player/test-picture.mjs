import { setTimeout as wait } from 'node:timers/promises';
import { startFfmpeg } from '../clients/ffmpeg.mjs';

export const FRAME_RATE = 30;

/**
 * Publishes a test picture with sound, a fragment a frame, and waits until it is live.
 * @param {number} port The relay's.
 * @param {string} name
 * @param {number} gop s.
 */
export async function publishTestPicture(port, name, gop) {
  const inputs = ['-re', '-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=${FRAME_RATE}`, '-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', String(gop * FRAME_RATE), '-b:v', '1M', '-c:a', 'aac'];
  const output = ['-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', '-flush_packets', '1', `http://127.0.0.1:${port}/publish/${name}`];
  const publisher = startFfmpeg(['-nostdin', ...inputs, ...codecs, ...output], ['ignore', 'ignore', 'inherit']);
  for (;;) {
    const { streams } = /** @type {{ streams: { name: string, state: string }[] }} */ (await (await fetch(`http://127.0.0.1:${port}/api/streams`)).json());
    if (streams.some((stream) => stream.name === name && stream.state === 'live')) return publisher;
    await wait(100);
  }
}
