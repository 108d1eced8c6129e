import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Chunk, InitSegment } from '../../src/media/chunk';
import { MediaParser } from '../../src/media/media-parser';
import { H264_AAC, makeFile, testPicture } from './ffmpeg';
import { startRelay, type TestRelay } from './relay';
import { SluiceCommand } from './sluice-command';
import { slowLink, type SlowLink } from './slow-link';
import { TestSocket } from './test-socket';

/** 4:2:0 H.264 with a keyframe every half second, of about 1.3 Mbit/s. */
export const HEAVY = ['-vf', 'noise=alls=20:allf=t', '-b:v', '1300k', '-maxrate', '1300k', '-bufsize', '300k'];

export let relay: TestRelay;
export const closing: (() => unknown)[] = [];
const folders: string[] = [];

/** Starts another relay in place of the one that the test has closed. */
export async function startAgain(port: number): Promise<void> {
  relay = await startRelay({ port });
  closing.push(() => relay.close());
}

/** A relay for each test of a file, and the end of all that the test has started. */
export function useRelay(): void {
  beforeEach(async () => {
    relay = await startRelay();
    closing.push(() => relay.close());
  });

  afterEach(async () => {
    await SluiceCommand.killAll();
    for (const close of closing.splice(0).reverse()) await close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
}

export async function file(name: string, args: readonly string[]): Promise<string> {
  const path = await makeFile(name, args);
  folders.push(dirname(path));
  return path;
}

export const film = (seconds: number, extra: readonly string[] = []): Promise<string> => file('film.mp4', [...testPicture(seconds), ...H264_AAC, ...extra]);

/** A file of that content in a folder of its own. */
export async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(dirname(await film(0.2)), name);
  writeFileSync(path, content);
  return path;
}

/** Publishes at the relay, or by another way to it. */
export function push(input: string, options: readonly string[] = [], { url = relay.url, name = 'film', env = {} }: { url?: string; name?: string; env?: NodeJS.ProcessEnv } = {}): SluiceCommand {
  return SluiceCommand.start(['push', input, `${url}/publish/${name}`, '--json', ...options], { env });
}

export async function link(): Promise<SlowLink & { url: string }> {
  const way = await slowLink(relay.port);
  closing.push(() => way.close());
  return Object.assign(way, { url: `http://127.0.0.1:${way.port}` });
}

export async function watch(name = 'film'): Promise<TestSocket> {
  const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/${name}`);
  closing.push(() => viewer.socket.terminate());
  return viewer;
}

/** What a viewer has got. */
export function parse(media: Uint8Array): { inits: InitSegment[]; chunks: Chunk[] } {
  const seen = { inits: [] as InitSegment[], chunks: [] as Chunk[] };
  new MediaParser({ init: (init) => seen.inits.push(init), chunk: (chunk) => seen.chunks.push(chunk) }).push(media);
  return seen;
}

/** Media times at which frames of the picture began, ms, without those that came twice. */
export function frames(media: Uint8Array): number[] {
  const times = parse(media).chunks.filter(({ hasVideo }) => hasVideo).map(({ start }) => Math.round(start * 1000));
  return [...new Set(times)].sort((a, b) => a - b);
}

/** The most that two neighbouring frames are apart, ms: a thirtieth of a second, but for the first, which ffmpeg lays on 0 where the sound begins. */
export function gap(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((time, at) => time - times[at]!));
}

/** The process that a command runs, by its name. */
export function childOf(command: SluiceCommand): number {
  return Number(execFileSync('ps', ['-o', 'pid=', '--ppid', String(command.process.pid)], { encoding: 'utf8' }).trim().split(/\s+/)[0]);
}
