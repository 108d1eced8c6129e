import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '../scripts/programs.mjs';
import { recipes } from './recipes.mjs';
import { runFfmpeg } from './run-ffmpeg.mjs';

const PLACE = /^\{(.+)\}$/;
/** How long GStreamer may take for a file, ms. */
const LIMIT = 60_000;

/** Names that programs stumble over; each is a copy of a file that works. */
const STRANGE_NAMES = ['a b  c.mp4', '-i.mp4', "it's \"quoted\".mp4", '100% %d %20.mp4', 'two\nlines.mp4', 'fünf-日本語.mp4', 'file:x.mp4', 'a;b&c$(d).mp4', '[0]{x}*?.mp4', 'no-extension', 'wrong.avi'];

/** What GStreamer's muxers write of H.264 and AAC that ffmpeg has encoded: other than ffmpeg's. @type {[string, string][]} */
const MUXERS = [
  ['gst-coarse.mov', 'qtmux name=mux interleave-time=1000000000'],
  ['gst.mp4', 'mp4mux name=mux'],
  ['gst-fragmented.mp4', 'mp4mux name=mux fragment-duration=500 streamable=true'],
  ['gst.ts', 'mpegtsmux name=mux'],
  ['gst.mkv', 'matroskamux name=mux'],
  ['gst-streamable.mkv', 'matroskamux name=mux streamable=true'],
  ['gst.flv', 'flvmux name=mux'],
  ['gst.avi', 'avimux name=mux'],
];

/**
 * Makes files of all kinds. What can't be made on this machine is left out, and said.
 * @param {string} folder
 * @param {{ jobs: number, only: string, say: (line: string) => void }} options
 */
export async function generate(folder, { jobs, only, say }) {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'sluice-generate-'));
  try {
    writeFileSync(join(work, 'subtitles.srt'), '1\n00:00:00,500 --> 00:00:01,500\nHello\n\n2\n00:00:02,000 --> 00:00:02,500\nWorld\n');
    writeFileSync(join(work, 'chapters.txt'), ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1500\nEND=3000\ntitle=Two\n');
    await runFfmpeg(['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=64x64', '-frames:v', '1', join(work, 'cover.jpg')]);
    const place = (/** @type {string} */ name) => (existsSync(join(work, name)) ? join(work, name) : join(folder, name));
    const wanted = recipes().filter(({ name }) => name.includes(only));
    const ingredients = new Set(wanted.flatMap(({ args }) => args.flatMap((arg) => PLACE.exec(arg)?.[1] ?? [])));
    // What others are made of comes first.
    const first = recipes().filter(({ name }) => ingredients.has(name));
    const failed = [];
    for (const group of [first, wanted.filter(({ name }) => !ingredients.has(name))]) {
      const queue = [...group];
      await Promise.all(Array.from({ length: jobs }, async () => {
        for (let recipe = queue.shift(); recipe !== undefined; recipe = queue.shift()) {
          const path = join(folder, recipe.name);
          const { ok } = await runFfmpeg(['-v', 'error', '-y', ...recipe.args.map((arg) => { const name = PLACE.exec(arg)?.[1]; return name === undefined ? arg : place(name); }), '-shortest', path]);
          if (ok) continue;
          rmSync(path, { force: true });
          failed.push(recipe.name);
        }
      }));
    }
    if (only === '') {
      writeOddBytes(folder);
      failed.push(...(await muxByGStreamer(folder)));
    }
    say(`Made ${wanted.length - failed.length} files in ${folder}${failed.length === 0 ? '' : `; not ${failed.join(', ')}`}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Files that no muxer writes: cut off, joined, empty and garbage, and under strange names.
 * @param {string} folder
 */
function writeOddBytes(folder) {
  const read = (/** @type {string} */ name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : Buffer.alloc(0));
  const write = (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => writeFileSync(join(folder, name), bytes);
  const film = read('h264.mp4');
  write('empty.mp4', Buffer.alloc(0));
  write('zeros.mp4', Buffer.alloc(100_000));
  write('garbage.bin', Buffer.from(Array.from({ length: 100_000 }, (_none, at) => (Math.imul(at + 1, 0x9e3779b1) >>> 13) & 255)));
  write('text.txt', Buffer.from('This is no media.\n'));
  write('playlist.m3u8', Buffer.from('#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nh264.ts\n#EXT-X-ENDLIST\n'));
  write('truncated-plain.mp4', film.subarray(0, film.length >> 1));
  for (const name of ['faststart.mp4', 'h264.mkv', 'h264.ts', 'h264.flv', 'h264.avi', 'vp9.webm', 'fragmented-default-base.mp4', 'opus-alone.opus', 'pcm-alone.wav', 'mp3-alone.mp3']) {
    const bytes = read(name);
    write(`truncated-${name}`, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
  }
  write('jump-back.ts', Buffer.concat([read('starts-late.ts'), read('h264-b.ts')]));
  write('jump-forward.ts', Buffer.concat([read('h264-b.ts'), read('starts-late.ts')]));
  write('other-size.ts', Buffer.concat([read('h264.ts'), read('portrait.ts')]));
  write('repeated-init.mp4', repeatInit(read('fragmented-default-base.mp4')));
  write('id3-before.aac', Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\x0a', 'latin1'), Buffer.alloc(10), read('aac-alone.aac')]));
  const damaged = Buffer.from(read('h264.ts'));
  for (let at = 188 * 40; at < damaged.length; at += 188 * 37) damaged.fill(0x55, at + 60, at + 120);
  write('damaged.ts', damaged);
  for (const name of STRANGE_NAMES) copyFileSync(join(folder, 'h264.mp4'), join(folder, name));
}

/**
 * A fragmented file with its init segment once more before each fragment but the first.
 * @param {Buffer} file
 */
function repeatInit(file) {
  /** @type {number[]} */
  const starts = [];
  for (let at = 0; at + 8 <= file.length; at += Math.max(8, file.readUInt32BE(at))) if (file.toString('latin1', at + 4, at + 8) === 'moof') starts.push(at);
  const init = file.subarray(0, starts[0]);
  return Buffer.concat(starts.flatMap((start, index) => [init, file.subarray(start, starts[index + 1])]));
}

/**
 * @param {string} folder
 * @returns {Promise<string[]>} What could not be made.
 */
async function muxByGStreamer(folder) {
  const program = findOnPath(['gst-launch-1.0']);
  if (program === undefined) return MUXERS.map(([name]) => name);
  const failed = [];
  for (const [name, muxer] of MUXERS) {
    const source = (/** @type {string} */ pad) => `filesrc location=${join(folder, 'h264.mkv')} ! matroskademux name=${pad} `;
    const args = `-q ${muxer} ! filesink location=${join(folder, name)} ${source('in')} in.video_0 ! h264parse ! queue max-size-time=0 max-size-buffers=0 max-size-bytes=0 ! mux. in.audio_0 ! aacparse ! queue max-size-time=0 max-size-buffers=0 max-size-bytes=0 ! mux.`;
    const child = spawn(program, args.split(/\s+/), { stdio: 'ignore', timeout: LIMIT });
    const status = await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
    if (status === 0) continue;
    rmSync(join(folder, name), { force: true });
    failed.push(name);
  }
  return failed;
}
