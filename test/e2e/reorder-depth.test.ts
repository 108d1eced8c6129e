import { readFileSync, writeFileSync } from 'node:fs';
import type { InitSegment } from '../../src/media/chunk';
import { MediaParser } from '../../src/media/media-parser';
import type { StreamDetail } from '../../src/protocol/stream-detail';
import { ffmpeg, FRAGMENTED, makeFile } from '../support/ffmpeg';
import { annexB, withoutVui } from '../support/h264';
import { connectPublisher, send } from '../support/publishing';
import { startRelay } from '../support/relay';

const SPS = 7;

/** A second of H.264 as encoders write it that don't state how many frames they reorder. */
let silent: string;

beforeAll(async () => {
  const baseline = ['-c:v', 'libx264', '-preset', 'ultrafast', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p'];
  silent = await makeFile('silent.h264', ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=30:duration=1', ...baseline]);
  writeFileSync(silent, annexB(...unitsOf(readFileSync(silent)).map((unit) => (((unit[0] ?? 0) & 0x1f) === SPS ? withoutVui(unit) : unit))));
});

/** The NAL units between start codes. */
function unitsOf(bytes: Buffer): Uint8Array[] {
  const units: Uint8Array[] = [];
  for (let at = bytes.indexOf('000001', 0, 'hex'); at >= 0; ) {
    const next = bytes.indexOf('000001', at + 3, 'hex');
    const end = next < 0 ? bytes.length : next - (bytes[next - 1] === 0 ? 1 : 0);
    units.push(bytes.subarray(at + 3, end));
    at = next;
  }
  return units;
}

/** What ffmpeg makes of it with these options. */
async function published(...options: readonly string[]): Promise<{ file: Buffer; init: InitSegment }> {
  const path = await makeFile('out.mp4', ['-r', '30', '-i', silent, ...options, '-movflags', FRAGMENTED]);
  const file = readFileSync(path);
  let init: InitSegment | undefined;
  const parser = new MediaParser({ init: (found) => (init = found), chunk: () => undefined });
  parser.push(file);
  return { file, init: init! };
}

const depthOf = ({ init }: { init: InitSegment }): number | undefined => init.tracks[0]?.presumedReorder;

describe('H.264 that does not state how many frames it reorders', () => {
  it('stays so as ffmpeg copies it', async () => {
    expect(depthOf(await published('-c', 'copy'))).toBe(7);
  });

  it.each(['video_full_range_flag=0', 'tick_rate=60', 'sample_aspect_ratio=1/1'])('stays so as ffmpeg copies it and writes %s', async (field) => {
    expect(depthOf(await published('-c', 'copy', '-bsf:v', `h264_metadata=${field}`))).toBe(7);
  });

  it('states it once libx264 encodes it, as the dashboard advises', async () => {
    expect(depthOf(await published('-c:v', 'libx264', '-tune', 'zerolatency'))).toBeUndefined();
    expect((await ffmpeg(['-i', silent, '-f', 'null', '-'])).stderr).toBe('');
  });

  it('is known to the API with the number of frames', async () => {
    const relay = await startRelay();
    const publisher = await connectPublisher(relay.wsUrl, 'cam');
    await send(publisher, (await published('-c', 'copy')).file);
    const detail = (await (await fetch(`${relay.url}/api/streams/cam`)).json()) as StreamDetail;
    publisher.socket.close();
    await relay.close();
    expect(detail.presumedReorder).toBe(7);
  });
});
