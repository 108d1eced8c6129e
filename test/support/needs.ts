import { spawnSync } from 'node:child_process';
import { findFirefox, findNginx, findOnPath, installedChromium } from '../../scripts/programs.mjs';
import { FFMPEG } from './ffmpeg';

const PRESENT = {
  curl: () => findOnPath(['curl']) !== undefined,
  ffprobe: () => findOnPath(['ffprobe']) !== undefined,
  nginx: () => findNginx() !== undefined,
  Firefox: () => findFirefox() !== undefined,
  'a whole Chromium': () => installedChromium() !== undefined,
  Linux: () => process.platform === 'linux' && findOnPath(['script']) !== undefined,
  'ffmpeg 4.2': () => libavformat() >= 58_029,
};

/** What some tests need that isn't on every machine where the others run. */
export type Need = keyof typeof PRESENT;

/**
 * Tests that need something. Where it is missing they are skipped under a name that says so, and `npm test` lists them.
 * The packaged ffmpeg is of 2018, and has no ffprobe beside it; the packaged Chromium is its headless shell, which heeds fewer flags.
 */
export function needs(need: Need, tests: () => void): void {
  if (PRESENT[need]()) tests();
  else describe.skip(`needs ${need}`, tests);
}

/** Its version as one number. ffmpeg's own is only a date or a commit in builds between two releases. */
function libavformat(): number {
  const { stdout } = spawnSync(FFMPEG, ['-version'], { encoding: 'utf8' });
  const [, major, minor] = /^libavformat +(\d+)\. *(\d+)/m.exec(stdout) ?? [];
  return Number(major ?? 0) * 1_000 + Number(minor ?? 0);
}
