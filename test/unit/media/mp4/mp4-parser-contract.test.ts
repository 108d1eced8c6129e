import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mp4Parser } from '../../../../src/media/mp4/mp4-parser';
import { containerParserContract, joinBytes } from '../../../support/container-parser-contract';
import { avcConfiguration, IDR, lengthPrefixed, pps, SLICE, sps } from '../../../support/h264';
import * as mp4 from '../../../support/mp4-boxes';
import { textOf } from '../../../support/mp4-parse';

const FIXTURES = join(__dirname, '../../../fixtures');

/** The recorder's blobs, joined. */
function recording(name: string): Uint8Array {
  const folder = join(FIXTURES, 'mediarecorder', name);
  const blobs = readdirSync(folder).filter((file) => file.endsWith('.bin'));
  return joinBytes(blobs.sort().map((file) => readFileSync(join(folder, file))));
}

/** Pictures of two sizes, told by the parameter sets in keyframes alone, among them one with a recovery point. */
function changingSizes(): Uint8Array {
  const [small, tall, picture] = [sps({ reorder: 0 }), sps({ columns: 6, rows: 12, reorder: 0 }), pps()];
  const entry = mp4.box('avc3', mp4.hex('000000000000 0001'), new Uint8Array(16), mp4.hex('00a00080'), new Uint8Array(50), mp4.box('avcC', avcConfiguration(small, picture)));
  const moov = mp4.box('moov', mp4.mvhd(), mp4.trak({ id: mp4.VIDEO, handler: 'vide', entry }), mp4.box('mvex', mp4.trex(mp4.VIDEO)));
  const sample = (flags: number, ...units: readonly Uint8Array[]): mp4.SampleOptions => ({ data: textOf(lengthPrefixed(units)), flags });
  const fragment = (time: number, set: Uint8Array): Uint8Array =>
    mp4.fragment([{ id: mp4.VIDEO, time, samples: [sample(mp4.SYNC, set, picture, IDR), sample(mp4.SYNC, mp4.hex('060601c480'), SLICE), sample(mp4.SYNC, IDR)] }]);
  return joinBytes([mp4.FTYP, moov, ...[small, tall, tall, small].map((set, index) => fragment(index * 30, set))]);
}

const made = readdirSync(join(FIXTURES, 'mp4')).filter((file) => file.endsWith('.mp4'));

containerParserContract('Mp4Parser', (sink, limits) => new Mp4Parser(sink, limits), [
  ...made.map((file) => ({ name: file, bytes: new Uint8Array(readFileSync(join(FIXTURES, 'mp4', file))) })),
  { name: 'parameter sets in samples', bytes: changingSizes() },
  { name: 'mp4-avc1-opus-kf1s', bytes: recording('mp4-avc1-opus-kf1s') },
]);
