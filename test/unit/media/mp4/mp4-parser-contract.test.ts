import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mp4Parser } from '../../../../src/media/mp4/mp4-parser';
import { containerParserContract, joinBytes } from '../../../support/container-parser-contract';

const FIXTURES = join(__dirname, '../../../fixtures');

/** The recorder's blobs, joined. */
function recording(name: string): Uint8Array {
  const folder = join(FIXTURES, 'mediarecorder', name);
  const blobs = readdirSync(folder).filter((file) => file.endsWith('.bin'));
  return joinBytes(blobs.sort().map((file) => readFileSync(join(folder, file))));
}

const made = readdirSync(join(FIXTURES, 'mp4')).filter((file) => file.endsWith('.mp4'));

containerParserContract('Mp4Parser', (sink, limits) => new Mp4Parser(sink, limits), [
  ...made.map((file) => ({ name: file, bytes: new Uint8Array(readFileSync(join(FIXTURES, 'mp4', file))) })),
  { name: 'mp4-avc1-opus-kf1s', bytes: recording('mp4-avc1-opus-kf1s') },
]);
