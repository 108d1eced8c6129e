import { spawn } from 'node:child_process';
import { createReadStream, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { ROOT } from '../scripts/programs.mjs';
import { startQuietRelay } from './quiet-relay.mjs';
import { RecordingViewer } from './recording-viewer.mjs';
import { asInput, ffmpegPath } from './run-ffmpeg.mjs';

/** @typedef {import('./recording-viewer.mjs').RecordedEpoch} RecordedEpoch */
/** @typedef {import('./media-file.mjs').MediaFile} MediaFile */

/**
 * What a door says it does with a track. `index` is the track's number in the file, where the door says it.
 * @typedef {{ as: 'copy' | 'encode', index?: number } | 'none'} TrackNews
 */

/**
 * What came of a file at a door.
 * @typedef {object} DoorResult
 * @property {string} how The door, and what it was told beyond the usual, for people.
 * @property {RecordedEpoch[]} epochs
 * @property {boolean} skipped Whether the viewer was too slow for a comparison.
 * @property {{ video: TrackNews, audio: TrackNews } | undefined} news Undefined if nothing was published.
 * @property {{ code: string, message: string } | undefined} refusal By the relay.
 * @property {string | undefined} failure Of whoever should read the file.
 * @property {boolean} cut Whether it was ended on purpose before the file was over.
 * @property {string} [sent] What ffmpeg made of the file and sent to the relay, where that may differ.
 */

/**
 * @typedef {object} Attempt
 * @property {string} path absolute
 * @property {MediaFile} file
 * @property {string} name of the stream
 * @property {string} url of a relay that all share
 * @property {number} seconds of the file that are published
 * @property {string} folder for what comes out
 */

/** How long a door may take beyond the file's own time, ms. */
const PATIENCE = 60_000;
/** How long the relay may take to end a stream for its viewers, ms. */
const END_TIME = 15_000;
const MP4 = ['-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4'];
/** What the remedies of refusals and docs/containers.md advise. */
const MP4_DELAYED = ['-movflags', '+frag_keyframe+delay_moov+default_base_moof', '-f', 'mp4'];
const WEBM = ['-f', 'webm'];
/** What describes itself only with its first packets. */
const LATE_CODECS = new Set(['av1', 'ac3', 'eac3']);
/** What no MP4 has, or none that browsers play. */
const WEBM_ONLY = new Set(['vp8', 'vorbis']);
/** ffmpeg has left a header unfinished. */
const CANNOT_WRITE = /Could not write header/;
/** What it prints beside the cause. */
const BESIDE = /^(?: |Stream mapping|Output #|Conversion failed|Could not write header|Error initializing output|Error opening output|Last message repeated|\[vost#|\[aost#)/;
const MAPPING = /^ +Stream #0:(\d+) -> #0:\d+ \(/gm;

/** The doors by their names. @type {Map<string, (attempt: Attempt) => Promise<DoorResult>>} */
export const DOORS = new Map([
  ['bytes', sendBytes],
  ['copy', pushCopy],
  ['push', sluicePush],
  ['source', runSource],
]);

/**
 * PUTs the file as it is, as `curl -T` does.
 * @param {Attempt} attempt
 */
async function sendBytes(attempt) {
  return watched(attempt, 'bytes', async (viewer) => {
    const answer = await put(attempt, createReadStream(attempt.path));
    return { ...answer, ...(await untilOver(viewer, answer)), news: { video: COPY, audio: COPY } };
  });
}

/** @type {TrackNews} */
const COPY = { as: 'copy' };

/**
 * Copies the tracks with ffmpeg, by the first line of docs/containers.md for such tracks. Where the refusal advises other flags, once more with those.
 * @param {Attempt} attempt
 */
async function pushCopy(attempt) {
  const { tracks } = await attempt.file.describe();
  const has = (/** @type {Set<string>} */ codecs) => tracks.some(({ codec }) => codecs.has(codec));
  const flags = has(WEBM_ONLY) ? WEBM : has(LATE_CODECS) ? MP4_DELAYED : MP4;
  const first = await copyWith(attempt, 'copy', flags);
  const { message = '' } = first.refusal ?? {};
  if (first.refusal?.code !== 'unsupported-layout' || !message.includes('delay_moov')) return first;
  const filter = message.includes('aac_adtstoasc') ? ['-bsf:a', 'aac_adtstoasc'] : [];
  return copyWith({ ...attempt, name: `${attempt.name}-2` }, `copy, ${['+delay_moov', ...filter].join(' ')}`, [...filter, ...MP4_DELAYED]);
}

/**
 * @param {Attempt} attempt
 * @param {string} how
 * @param {readonly string[]} flags
 */
async function copyWith(attempt, how, flags) {
  return watched(attempt, how, async (viewer) => {
    const { tracks } = await attempt.file.describe();
    // Several tracks of a kind are for the relay to choose from; pictures that stand still are no video.
    const several = ['video', 'audio'].some((kind) => tracks.filter((track) => track.kind === kind && !track.isStill).length > 1);
    const args = ['-hide_banner', '-nostdin', '-nostats', '-t', String(attempt.seconds), '-i', asInput(attempt.path), '-map_chapters', '-1'];
    const child = spawn(ffmpegPath(), [...args, ...(several ? ['-map', '0:V?', '-map', '0:a?'] : []), '-c', 'copy', ...flags, 'pipe:1'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    child.stderr.on('data', (bytes) => (printed = (printed + String(bytes)).slice(-(1 << 20))));
    const ended = new Promise((resolve) => child.once('close', resolve));
    /** @type {Buffer[]} */
    const pieces = [];
    child.stdout.on('data', (bytes) => pieces.push(bytes));
    const answer = await put(attempt, child.stdout);
    child.stdout.resume();
    const status = await ended;
    const sent = join(attempt.folder, `sent-${attempt.name}`);
    writeFileSync(sent, Buffer.concat(pieces));
    const mapped = [...printed.matchAll(MAPPING)].map(([, index]) => Number(index));
    const indexOf = (/** @type {string} */ kind) => tracks.filter((track) => track.kind === kind && mapped.includes(track.index)).map(({ index }) => index);
    const news = (/** @type {string} */ kind) => newsOfCopy(indexOf(kind));
    if (status !== 0 && (answer.refusal === undefined || CANNOT_WRITE.test(printed))) return { failure: lastWords(printed) };
    if (pieces.length === 0) return { failure: `ffmpeg copies nothing: ${lastWords(printed)}` };
    return { ...answer, ...(await untilOver(viewer, answer)), news: { video: news('video'), audio: news('audio') }, sent };
  });
}

/**
 * @param {readonly number[]} indexes
 * @returns {TrackNews}
 */
function newsOfCopy(indexes) {
  const [index] = indexes;
  if (index === undefined) return 'none';
  return indexes.length === 1 ? { as: 'copy', index } : COPY;
}

/**
 * `sluice push`.
 * @param {Attempt} attempt
 */
async function sluicePush(attempt) {
  return watched(attempt, 'push', async (viewer) => {
    const child = spawn(process.execPath, [join(ROOT, 'bin', 'sluice.js'), 'push', '--json', '--', attempt.path, `${attempt.url}/publish/${attempt.name}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FFMPEG_PATH: ffmpegPath() },
    });
    /** @type {DoorResult['news']} */
    let news;
    let printed = '';
    child.stderr.on('data', (bytes) => (printed = (printed + String(bytes)).slice(-4_000)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const report = JSON.parse(line);
      if (report.type === 'input') news = { video: newsOf(report.video), audio: newsOf(report.audio) };
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const cut = await Promise.race([ended.then(() => false), cutOff(viewer, attempt.seconds)]);
    if (cut) child.kill('SIGTERM');
    const status = await Promise.race([ended, wait(END_TIME, 'late', { ref: false })]);
    if (status === 'late') child.kill('SIGKILL');
    if (status === 0 || cut) await Promise.race([viewer.over, wait(END_TIME, undefined, { ref: false })]);
    if (cut || status === 0) return { news, cut, ...(news === undefined && { failure: `it says nothing of the input: ${printed}` }) };
    const said = printed.trim().split('\n').at(-1) ?? '';
    // The relay's codes are named in its message.
    return status === 4 ? { news, refusal: { code: /\(([a-z]+(?:-[a-z]+)+)\)|\b([a-z]+(?:-[a-z]+)+):/.exec(said)?.slice(1).find(Boolean) ?? 'refused', message: said } } : { news, failure: `exit ${String(status)}: ${said}` };
  });
}

/**
 * @param {{ action: string, index: number } | null} track
 * @returns {TrackNews}
 */
function newsOf(track) {
  if (track === null || track.action === 'none') return 'none';
  return { as: track.action === 'copy' ? 'copy' : 'encode', index: track.index };
}

/**
 * A relay with that source. The source is stopped and started again, so that its viewer is there before it.
 * @param {Attempt} attempt
 */
async function runSource(attempt) {
  const relay = await startQuietRelay({ sources: [{ name: attempt.name, input: attempt.path, loop: false }] });
  const command = (/** @type {string} */ verb) => fetch(`${relay.url}/api/sources/${attempt.name}/${verb}`, { method: 'POST' });
  try {
    await command('stop');
    return await watched({ ...attempt, url: relay.url }, 'source', async (viewer) => {
      await command('start');
      const [outcome, cut] = await Promise.race([outcomeOf(relay).then((found) => /** @type {const} */ ([found, false])), cutOff(viewer, attempt.seconds).then(() => /** @type {const} */ ([undefined, true]))]);
      if (cut) await command('stop');
      const live = relay.logged.findLast(({ message }) => message === 'Source is live');
      const news = live && { video: newsOfLog(live.fields['video']), audio: newsOfLog(live.fields['audio']) };
      if (outcome !== undefined) return { news, failure: outcome };
      if (!cut) await Promise.race([viewer.over, wait(END_TIME, undefined, { ref: false })]);
      return { news, cut };
    });
  } finally {
    await relay.close();
  }
}

/**
 * Resolves when the source is over: with why, if it has failed.
 * @param {import('./quiet-relay.mjs').QuietRelay} relay
 * @returns {Promise<string | undefined>}
 */
async function outcomeOf({ logged }) {
  for (;;) {
    const failed = logged.find(({ message }) => message === 'Source failed, and is started again');
    if (failed !== undefined) return [failed.fields['reason'], ...[failed.fields['ffmpeg']].flat()].join('; ');
    if (logged.some(({ message }) => message === 'Source has ended')) return undefined;
    await wait(50);
  }
}

/**
 * @param {unknown} text `h264, copied`
 * @returns {TrackNews}
 */
function newsOfLog(text) {
  if (text === 'none') return 'none';
  return { as: String(text).endsWith('copied') ? 'copy' : 'encode' };
}

/**
 * Lets somebody watch while something is published, and writes down what came.
 * @param {Attempt} attempt
 * @param {string} how
 * @param {(viewer: RecordingViewer) => Promise<Partial<DoorResult>>} publish
 * @returns {Promise<DoorResult>}
 */
async function watched({ url, name, folder, seconds }, how, publish) {
  const viewer = await RecordingViewer.open(url, name);
  const late = new AbortController();
  try {
    const limit = seconds * 1000 + PATIENCE;
    const result = await Promise.race([publish(viewer), wait(limit, { failure: `it isn't over after ${limit / 1000} s` }, { signal: late.signal })]);
    return { how, news: undefined, refusal: undefined, failure: undefined, cut: false, ...result, epochs: viewer.save(folder), skipped: viewer.skipped };
  } finally {
    late.abort();
    viewer.leave();
  }
}

/**
 * Resolves once the viewer has had so many seconds of it, by the clock: whoever paces a file doesn't send sooner. Never, if it hasn't begun.
 * @param {RecordingViewer} viewer
 * @param {number} seconds
 */
async function cutOff(viewer, seconds) {
  let over = false;
  void viewer.over.then(() => (over = true));
  while (viewer.begun === undefined || performance.now() - viewer.begun < seconds * 1000) {
    if (over) return new Promise(() => undefined);
    await wait(50, undefined, { ref: false });
  }
  return true;
}

/**
 * Sends a body to the relay, and resolves with its answer.
 * @param {Attempt} attempt
 * @param {import('node:stream').Readable} body
 * @returns {Promise<{ refusal?: DoorResult['refusal'], failure?: string }>}
 */
function put({ url, name }, body) {
  return new Promise((resolve) => {
    const call = request(`${url}/publish/${name}`, { method: 'PUT' });
    call.once('response', async (response) => {
      const text = String(Buffer.concat(await response.toArray()));
      body.unpipe(call);
      body.resume();
      call.destroy();
      const ok = response.statusCode !== undefined && response.statusCode < 300;
      resolve(ok ? {} : { refusal: refusalOf(text) });
    });
    call.on('error', (error) => resolve({ failure: `the relay has cut it off without an answer: ${error.message}` }));
    body.pipe(call);
  });
}

/** @param {string} text */
function refusalOf(text) {
  try {
    const { error } = JSON.parse(text);
    return { code: String(error.code), message: `${error.message}; ${error.remedy}` };
  } catch {
    return { code: 'none', message: text };
  }
}

/**
 * Waits until the viewer has had all of what was taken.
 * @param {RecordingViewer} viewer
 * @param {{ refusal?: unknown, failure?: unknown }} answer
 */
async function untilOver(viewer, { refusal, failure }) {
  if (refusal !== undefined || failure !== undefined) return {};
  const late = await Promise.race([viewer.over.then(() => false), wait(END_TIME, true, { ref: false })]);
  return late ? { failure: 'the stream did not end for its viewer' } : {};
}

/**
 * Why ffmpeg didn't go on.
 * @param {string} printed
 */
function lastWords(printed) {
  const lines = printed.split('\n').filter((line) => line.trim() !== '' && !BESIDE.test(line));
  return (lines.at(-1) ?? 'it says nothing').replaceAll(/\[[^\]]*@ 0x[0-9a-f]+\] /g, '').trim();
}
