import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fixture, recording } from './recording';

const FIXTURES = join(__dirname, '../fixtures');

/** Media by its name. */
export interface NamedMedia {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** All media in test/fixtures that the relay takes: what muxers have written, and what a browser has recorded. */
export function acceptedMedia(): NamedMedia[] {
  const made = ['mp4', 'webm'].flatMap((folder) => readdirSync(join(FIXTURES, folder)).filter((file) => /\.(mp4|webm|mkv)$/.test(file)).map((file) => `${folder}/${file}`));
  const recorded = readdirSync(join(FIXTURES, 'mediarecorder'));
  return [...made.map((name) => ({ name, bytes: fixture(name) })), ...recorded.map((name) => ({ name, bytes: recording(name) }))];
}
