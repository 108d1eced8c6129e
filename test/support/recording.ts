import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinBytes } from './container-parser-contract';

const FIXTURES = join(__dirname, '../fixtures');

/** The blobs that a browser's recorder gave, in order. */
export function recordedBlobs(name: string): Uint8Array[] {
  const folder = join(FIXTURES, 'mediarecorder', name);
  const blobs = readdirSync(folder).filter((file) => file.endsWith('.bin'));
  return blobs.sort().map((file) => new Uint8Array(readFileSync(join(folder, file))));
}

/** The recorder's blobs, joined. */
export function recording(name: string): Uint8Array {
  return joinBytes(recordedBlobs(name));
}

/** A file that ffmpeg has written, by its path in test/fixtures. */
export function fixture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FIXTURES, path)));
}
