import type { Chunk, InitSegment } from '../../../src/media/chunk';
import { MediaParser } from '../../../src/media/media-parser';
import { bridgeWriter } from '../../../src/media/bridge/bridge-writer';
import { KeptGop } from '../../../src/media/bridge/kept-gop';
import { silenceOf } from '../../../src/media/bridge/silence';
import { joinBytes, parsePieces } from '../../support/container-parser-contract';
import { ffmpeg, makeFile } from '../../support/ffmpeg';
import { decodeErrors, KEYFRAME_EVERY, loudness, pictureHashes, reorderedGops, reorderedMedia, sampleMedia, type SampleMedia } from '../../support/sample-media';
import { readFileSync } from 'node:fs';

function parse(bytes: Uint8Array): { init: InitSegment; chunks: readonly Chunk[] } {
  const { inits, chunks } = parsePieces((sink) => new MediaParser(sink), [bytes]);
  return { init: inits[0]!, chunks };
}

const bytesOf = (chunks: readonly Chunk[]): Uint8Array => joinBytes(chunks.map(({ bytes }) => bytes));

async function webm(): Promise<Uint8Array> {
  return readFileSync(await makeFile('vp9.webm', ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=15', '-t', '4', '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', `${KEYFRAME_EVERY}`]));
}

const fragments = ({ init, fragments: all }: SampleMedia): Uint8Array => joinBytes([init, ...all]);

describe('a picture that is shown again', () => {
  it.each([
    ['H.264 in MP4', async () => fragments(await sampleMedia())],
    ['H.264 in MP4 whose pictures are reordered', async () => fragments(await reorderedMedia())],
    ['VP9 in WebM', webm],
  ])('is the last one of %s, and what comes later is decoded as if there had been no stop', async (_, make) => {
    const { init, chunks } = parse(await make());
    const pictures = chunks.filter(({ hasVideo }) => hasVideo);
    const from = 2 * KEYFRAME_EVERY;
    const count = from + 7;
    const gop = new KeptGop();
    for (const chunk of pictures.slice(0, count)) gop.add(chunk);
    // Between two pictures, which are 1/15 s apart.
    const last = Math.max(...pictures.slice(0, count).map((chunk) => chunk.start));
    const again = bridgeWriter(init).picture(gop, { start: last + 0.02, shownAt: last + 0.05, lasts: 2 });
    const whole = await pictureHashes(joinBytes([init.bytes, bytesOf(pictures)]));
    const bridged = await pictureHashes(joinBytes([init.bytes, bytesOf(pictures.slice(0, count)), bytesOf(again), bytesOf(pictures.slice(count))]));
    expect(new Set(whole).size).toBe(whole.length);
    expect([...bridged].sort()).toEqual([...whole, ...whole.slice(from, count)].sort());
    expect(bridged.slice(-5)).toEqual(whole.slice(-5));
    const alone = await pictureHashes(joinBytes([init.bytes, bytesOf(again)]));
    expect(alone).toEqual(whole.slice(from, count));
  });
});

describe('an epoch without sound that begins within a GOP', () => {
  it.each([
    ['a picture in each, reordered', async () => fragments(await reorderedMedia())],
    ['all tracks of a GOP in each', async () => fragments(await reorderedGops())],
  ])('has no trace of the sound, and every later picture is decoded: fragments with %s', async (_, make) => {
    const { init, chunks } = parse(await make());
    const writer = bridgeWriter(init);
    const pictures = chunks.flatMap((chunk) => writer.chunkWithout(chunk, 'audio') ?? []);
    const from = pictures.findLastIndex(({ joinable }) => joinable);
    const count = Math.min(from + 7, pictures.length - 1);
    const gop = new KeptGop();
    for (const chunk of chunks.filter(({ hasVideo }) => hasVideo).slice(0, count)) gop.add(chunk);
    const { end } = pictures[count - 1]!;
    const again = writer.picture(gop, { start: end - writer.pictureTime(gop), shownAt: end, lasts: 2 });
    const reduced = writer.initWithout('audio');
    const media = joinBytes([reduced.bytes, bytesOf(again), bytesOf(pictures.slice(count))]);
    const { init: seen, chunks: parsed } = parse(media);
    expect(seen.tracks.map(({ kind }) => kind)).toEqual(['video']);
    expect(seen).toMatchObject({ mime: reduced.mime, tracks: reduced.tracks });
    const times = parsed.flatMap(({ spans }) => spans.map(({ time }) => time));
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(await decodeErrors(media)).toBe('');
    const whole = await pictureHashes(joinBytes([init.bytes, bytesOf(chunks)]));
    const shown = await pictureHashes(media);
    expect(shown.slice(-3)).toEqual(whole.slice(-3));
  });
});

describe('silence', () => {
  it.each([
    ['aac', ['-c:a', 'aac', '-ac', '1'], 'mp4'],
    ['aac', ['-c:a', 'aac', '-ac', '2'], 'mp4'],
    ['aac', ['-c:a', 'aac', '-ac', '6'], 'mp4'],
    ['opus', ['-c:a', 'libopus', '-ac', '1'], 'webm'],
    ['opus', ['-c:a', 'libopus', '-ac', '2'], 'mp4'],
  ])('of %s (%s, %s) is decoded without an error, and nothing is heard', async (_, codec, format) => {
    const layout = format === 'mp4' ? ['-movflags', '+empty_moov+default_base_moof', '-strict', 'experimental'] : [];
    const file = await makeFile(`tone.${format}`, ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-t', '0.5', ...codec, ...layout]);
    const { init } = parse(readFileSync(file));
    const silence = silenceOf(init.tracks[0]!, init.container)!;
    const chunks = bridgeWriter(init).silence(silence, { start: 1, count: 10 });
    expect(chunks.at(-1)!.end).toBeCloseTo(1 + 10 * silence.duration, 3);
    const media = joinBytes([init.bytes, bytesOf(chunks)]);
    expect(await decodeErrors(media)).toBe('');
    expect(await loudness(media)).toBeLessThan(-90);
    expect((await ffmpeg(['-i', file, '-f', 'null', '-'])).status).toBe(0);
  });
});
