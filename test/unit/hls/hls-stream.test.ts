import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HlsStream } from '../../../src/hls/hls-stream';
import { type DeliveryDirectives, readDirectives, readSegments } from '../../../src/hls/delivery-directives';
import { SequenceNumbers } from '../../../src/hls/sequence-numbers';
import type { PlaylistFile } from '../../../src/hls/playlist-file';
import type { Chunk } from '../../../src/media/chunk';
import type { StreamFeed } from '../../../src/relay/stream-feed';
import { codeOf } from '../../support/code-of';
import { audio, delta, initSegment, key, mediaOf, onlyAudio } from '../../support/fake-media';
import { FakeLink, FakeRelay } from '../../support/fake-relay';
import { PlaylistRules } from '../../support/playlist-rules';
import { randomNumbers } from '../../support/playback';

const LIMITS = { listed: 12, held: 28, maxBytes: 32 << 20 };
const NEWEST = readDirectives(new URLSearchParams('segments=1'));
const INDEX = { address: 'media.m3u8', query: new URLSearchParams(), segments: 3 };

function open(relay: FakeRelay): HlsStream {
  return new HlsStream({ stream: relay.registry.get('cam')!, clock: relay.clock, limits: LIMITS, numbers: new SequenceNumbers(relay.clock) });
}

/** The playlist that the stream gives, if it does now. */
function textOf(stream: HlsStream, directives: DeliveryDirectives = NEWEST): string | undefined {
  let text: string | undefined;
  stream.playlist(directives, { ready: (file) => void (text = bodyOf(file)), failed: () => undefined });
  return text;
}

function bodyOf(file: PlaylistFile): string {
  return Buffer.from(file.answer(undefined, '').pieces[0]!).toString();
}

/** Waits until what was left for behind a chunk is done. */
function settled(): Promise<void> {
  return Promise.resolve();
}

function nextTurn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

describe('a stream as HLS', () => {
  it('keeps the rules of RFC 8216bis for ten minutes, in each of its playlists', async () => {
    const relay = new FakeRelay();
    const random = randomNumbers(7);
    let feed = relay.live();
    const stream = open(relay);
    const rules = new PlaylistRules();
    const problems = new Set<string>();
    let time = 0;
    let untilKey = 0;
    let epochUntil = 200;
    let last: string | undefined;
    for (let frame = 0; frame < 30 * 600; frame++) {
      relay.clock.pass(100 / 3);
      if (time > epochUntil) {
        feed.lost();
        feed = relay.live(new FakeLink(), initSegment());
        epochUntil = 150;
        time = 0;
        untilKey = 0;
      }
      const shape = { start: time, end: time + 1 / 30, size: 1_000 };
      const isKey = untilKey-- <= 0;
      if (isKey) untilKey = 15 + Math.floor(random() * 160);
      feed.chunk(isKey ? key(shape) : delta(shape));
      if (random() < 0.7) feed.chunk(audio({ start: time, end: time + 0.02 }));
      time += 1 / 30;
      await settled();
      const text = textOf(stream);
      if (text === undefined || text === last) continue;
      last = text;
      for (const problem of rules.check(text)) problems.add(problem);
    }
    feed.end();
    for (const problem of rules.check(textOf(stream)!)) problems.add(problem);
    expect([...problems]).toEqual([]);
    expect(rules.checked).toBeGreaterThan(2_500);
    expect(stream.memory).toBeLessThan(LIMITS.held * 31_000 * 2.5);
  });

  it('would not pass with a playlist that breaks one of them', () => {
    const text = readFileSync(join(__dirname, 'golden/goes-on.m3u8'), 'utf8');
    const broken: [string, string][] = [
      ['EXTINF:2,', 'EXTINF:2.1,'],
      ['EXTINF:2,', 'EXTINF:5,'],
      ['DURATION=0.2,', 'DURATION=0.1,'],
      ['DURATION=0.2,', 'DURATION=0.3,'],
      ['PART-HOLD-BACK=0.6', 'PART-HOLD-BACK=0.5'],
      ['00:00:06.000Z', '00:00:07.000Z'],
    ];
    expect(new PlaylistRules().check(text)).toEqual([]);
    for (const [right, wrong] of broken) expect(new PlaylistRules().check(text.replace(right, wrong))).not.toEqual([]);
    const rules = new PlaylistRules();
    rules.check(text);
    expect(rules.check(text.replace('MEDIA-SEQUENCE:1', 'MEDIA-SEQUENCE:0'))).not.toEqual([]);
  });

  it('begins with what is held already', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    for (let second = 0; second < 8; second++) {
      feed.chunk(key({ start: second, end: second + 1 }));
      relay.clock.pass(1_000);
    }
    expect(textOf(open(relay))).toContain('#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:19.000Z\n');
  });

  it('answers each who waits when what was asked for is there, in a turn of its own', async () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = open(relay);
    const answers: string[] = [];
    stream.playlist(NEWEST, { ready: () => answers.push('whole segment'), failed: () => undefined });
    stream.playlist({ ...NEWEST, sequence: 0, part: 1 }, { ready: () => answers.push('part'), failed: () => undefined });
    const cancel = stream.playlist({ ...NEWEST, sequence: 0, part: 1 }, { ready: () => answers.push('gone'), failed: () => undefined });
    cancel();
    feed.chunk(key({ start: 0, end: 0.2 }));
    feed.chunk(delta({ start: 0.2, end: 0.4 }));
    expect(answers).toEqual([]);
    await settled();
    expect(answers).toEqual(['part']);
    feed.chunk(delta({ start: 0.4, end: 2 }));
    feed.chunk(key({ start: 2, end: 2.2 }));
    await settled();
    expect(answers).toEqual(['part', 'whole segment']);
  });

  it.each([
    ['when there is what was asked for', async (feed: StreamFeed) => {
      for (let second = 0; second < 5; second++) feed.chunk(key({ start: second, end: second + 1 }));
      await settled();
    }],
    ['when they have waited for too long', (_feed: StreamFeed, relay: FakeRelay) => {
      relay.clock.pass(12_000);
      return settled();
    }],
    ['when the relay restarts', (_feed: StreamFeed, relay: FakeRelay) => {
      relay.registry.close();
      return settled();
    }],
    ['when nothing can be made of the media', (feed: StreamFeed) => {
      const [broken, next] = [key({ start: 0, end: 0.1 }), key({ start: 0.1, end: 0.2 })];
      feed.chunk({ ...broken, spans: broken.spans.map((span) => ({ ...span, estimated: true })) });
      feed.chunk(next);
      return settled();
    }],
  ])('answers very many in several turns %s, so that others are served in between', async (_when, come) => {
    const relay = new FakeRelay({ hold: 60_000 });
    const feed = relay.live();
    const stream = open(relay);
    let answers = 0;
    const count = (): number => answers++;
    for (let waiting = 0; waiting < 600; waiting++) stream.playlist(NEWEST, { ready: count, failed: count });
    await come(feed, relay);
    const counts = [answers];
    for (let turn = 0; turn < 3 && answers < 600; turn++) {
      await nextTurn();
      counts.push(answers);
    }
    expect(counts).toEqual([256, 512, 600]);
  });

  it('lets nobody wait for longer than three target durations', () => {
    const relay = new FakeRelay({ hold: 60_000 });
    relay.live().chunk(key({ start: 0, end: 0.2 }));
    const stream = open(relay);
    const failures: string[] = [];
    stream.playlist({ ...NEWEST, sequence: 0, part: 3 }, { ready: () => undefined, failed: ({ code }) => failures.push(code) });
    relay.clock.pass(11_900);
    expect(failures).toEqual([]);
    relay.clock.pass(700);
    expect(failures).toEqual(['stalled']);
  });

  it('tells all who wait or ask that the relay restarts, and lists no end, at which players would stop for good', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    for (let i = 0; i < 4; i++) feed.chunk(key({ start: i, end: i + 1 }));
    const stream = open(relay);
    const told: string[] = [];
    const directives = { ...NEWEST, sequence: 2 };
    stream.playlist(directives, { ready: bodyOf, failed: ({ code }) => void told.push(code) });
    relay.registry.close();
    expect(told).toEqual(['restarting']);
    expect(codeOf(() => textOf(stream))).toBe('restarting');
  });

  it('tells very many who wait that the relay restarts, also where it is closed before the last of them is told', async () => {
    const relay = new FakeRelay();
    relay.live();
    const stream = open(relay);
    const told: string[] = [];
    for (let waiting = 0; waiting < 600; waiting++) stream.playlist(NEWEST, { ready: () => void told.push('ready'), failed: ({ code }) => void told.push(code) });
    relay.registry.close();
    stream.close();
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(told).toHaveLength(600);
    expect([...new Set(told)]).toEqual(['restarting']);
  });

  it('hints at a part that comes, where a publisher begins anew before its first keyframe', () => {
    const relay = new FakeRelay();
    let feed = relay.live();
    const stream = open(relay);
    const hinted = (): number => Number(/PRELOAD-HINT.*p(\d+)\.m4s/.exec(textOf(stream) ?? '')?.[1]);
    for (let second = 0; second < 3; second++) feed.chunk(key({ start: second, end: second + 1 }));
    const restart = (first: Chunk): void => {
      feed.lost();
      feed = relay.live(new FakeLink(), initSegment());
      feed.chunk(first);
    };
    restart(delta());
    const before = hinted();
    restart(key({ start: 0, end: 0.1 }));
    const after = hinted();
    feed.chunk(delta({ start: 0.1, end: 0.2 }));
    expect(after).toBeGreaterThan(before);
    expect([before, after].map((number) => stream.part(number)?.number)).toEqual([undefined, after]);
  });

  it('answers all who wait when it ends', async () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = open(relay);
    let answered = 0;
    for (let count = 0; count < 5_000; count++) stream.playlist({ ...NEWEST, sequence: 1 }, { ready: () => answered++, failed: () => undefined });
    expect(answered).toBe(0);
    feed.chunk(key());
    feed.end();
    while (answered < 5_000) await nextTurn();
    expect(answered).toBe(5_000);
  });

  it('keeps a request waiting whose part was within reach when it came, also after the segment of that edge is cut', async () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = open(relay);
    for (let frame = 0; frame < 9; frame++) feed.chunk(frame === 0 ? key({ start: 0, end: 0.2 }) : delta({ start: frame * 0.2, end: (frame + 1) * 0.2 }));
    const answers: string[] = [];
    // 9 parts of segment 0 have come, so part 23 of the next is within reach; once segment 0 is cut, it would no longer be.
    stream.playlist({ ...NEWEST, sequence: 1, part: 23 }, { ready: () => void answers.push('ready'), failed: ({ code }) => void answers.push(code) });
    feed.chunk(delta({ start: 1.8, end: 2 }));
    feed.chunk(key({ start: 2, end: 2.2 }));
    await settled();
    expect(answers).toEqual([]);
    for (let frame = 11; frame <= 21; frame++) feed.chunk((frame === 20 ? key : delta)({ start: frame * 0.2, end: (frame + 1) * 0.2 }));
    await settled();
    expect(answers).toEqual(['ready']);
  });

  it('answers who waits for a stream that ends before it has any media with an error', async () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = open(relay);
    const answers: string[] = [];
    stream.multivariant(INDEX, { ready: (text) => void answers.push(text), failed: ({ code }) => void answers.push(code) });
    feed.end();
    await settled();
    expect(answers).toEqual(['no-stream']);
  });

  it('answers who waits for a stream whose publisher stays away before it has sent any media with an error', async () => {
    const relay = new FakeRelay({ hold: 5_000 });
    const feed = relay.live();
    const stream = open(relay);
    const answers: string[] = [];
    stream.multivariant(INDEX, { ready: (text) => void answers.push(text), failed: ({ code }) => void answers.push(code) });
    feed.lost();
    relay.clock.pass(5_000);
    await settled();
    expect(answers).toEqual(['no-stream']);
  });

  it('lets a request whose answer throws fail alone: it gets an error, and all others their answer', async () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = open(relay);
    const answers: string[] = [];
    const breaks = (): never => {
      throw new TypeError('This connection is broken');
    };
    stream.playlist(NEWEST, { ready: breaks, failed: ({ code }) => void answers.push(code) });
    stream.playlist(NEWEST, { ready: breaks, failed: breaks });
    stream.playlist(NEWEST, { ready: () => void answers.push('ready'), failed: ({ code }) => void answers.push(code) });
    for (let second = 0; second < 3; second++) feed.chunk(key({ start: second, end: second + 1 }));
    await settled();
    expect(answers).toEqual(['internal', 'ready']);
    stream.playlist({ ...NEWEST, sequence: 2 }, { ready: breaks, failed: breaks });
    stream.playlist({ ...NEWEST, sequence: 2 }, { ready: breaks, failed: ({ code }) => void answers.push(code) });
    relay.clock.pass(13_000);
    expect(answers).toEqual(['internal', 'ready', 'stalled']);
  });

  it('goes on where the answer of somebody who waits for a part throws', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = open(relay);
    const lines: unknown[] = [];
    const breaks = (): never => {
      throw new TypeError('This connection is broken');
    };
    stream.waitForPart(1, { ready: breaks, failed: breaks });
    stream.waitForPart(1, { ready: (part) => void lines.push(part.size), failed: breaks });
    feed.chunk(key({ start: 0, end: 0.1 }));
    feed.chunk(delta({ start: 0.1, end: 0.2, size: 20 }));
    expect(lines).toEqual([30]);
    expect(stream.part(1)?.size).toBe(30);
  });

  it.each([
    ['beyond any date', 1e300],
    ['that is no number', NaN],
    ['before the year 0', -1e14],
  ])('lists no date where its publisher states a time %s, and goes on', async (_what, wall) => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.clock(0, wall);
    const stream = open(relay);
    let text: string | undefined;
    stream.playlist(NEWEST, { ready: (file) => void (text = bodyOf(file)), failed: () => undefined });
    for (let second = 0; second < 4; second++) feed.chunk(key({ start: second, end: second + 1 }));
    await settled();
    expect(text).toContain('#EXTINF:2,');
    expect(text).not.toContain('PROGRAM-DATE-TIME');
  });

  it('holds so many requests, and refuses more', () => {
    const relay = new FakeRelay();
    relay.live();
    const stream = open(relay);
    const wait = (): unknown => stream.playlist({ ...NEWEST, sequence: 1 }, { ready: () => undefined, failed: () => undefined });
    for (let count = 0; count < 10_000; count++) wait();
    expect(wait).toThrow('Cannot hold another request');
  });

  it('gives the part that comes next once it is whole', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = open(relay);
    const lines: unknown[] = [];
    stream.waitForPart(1, { ready: (part) => lines.push(part.size), failed: () => undefined });
    expect(stream.waitForPart(2, { ready: () => undefined, failed: () => undefined })).toBeUndefined();
    expect(stream.idleTime).toBe(0);
    feed.chunk(key({ start: 0, end: 0.1 }));
    expect(lines).toEqual([]);
    feed.chunk(delta({ start: 0.1, end: 0.2, size: 20 }));
    expect(lines).toEqual([30]);
  });

  it('gives a part to very many in several turns, and to none who has gone meanwhile', async () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = open(relay);
    let answers = 0;
    const answer = { ready: () => answers++, failed: () => undefined };
    const waiting = Array.from({ length: 600 }, () => stream.waitForPart(1, answer));
    feed.chunk(key({ start: 0, end: 0.2 }));
    const counts = [answers];
    for (const leave of waiting.slice(500)) leave?.();
    while (answers < 500) {
      await nextTurn();
      counts.push(answers);
    }
    await nextTurn();
    expect([counts, answers]).toEqual([[256, 500], 500]);
  });

  it('lets nobody wait for a part for longer than three target durations, also while its publisher is away', () => {
    const relay = new FakeRelay({ hold: 60_000 });
    const feed = relay.live();
    const stream = open(relay);
    const answers: string[] = [];
    const wait = (): (() => void) | undefined => stream.waitForPart(1, { ready: (part) => answers.push(`part ${part.number}`), failed: ({ code }) => answers.push(code) });
    wait();
    feed.lost();
    relay.clock.pass(11_900);
    expect([answers, stream.idleTime]).toEqual([[], 0]);
    relay.clock.pass(1_100);
    expect([answers, stream.idleTime]).toEqual([['stalled'], 1_000]);
    wait()?.();
    relay.clock.pass(20_000);
    expect(answers).toEqual(['stalled']);
  });

  it('asks the publisher for a keyframe where it has none to begin with', () => {
    const relay = new FakeRelay();
    const link = new FakeLink();
    const feed = relay.live(link);
    open(relay);
    feed.chunk(delta());
    expect(link.keyframes).toBe(1);
  });

  it('knows when a frame ends whose duration its container guesses by the next', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = open(relay);
    const guessed = (chunk: Chunk): Chunk => ({ ...chunk, bytes: mediaOf(fragment()), spans: chunk.spans.map((span) => ({ ...span, estimated: true })) });
    feed.chunk(guessed(key({ start: 0, end: 0.01 })));
    expect(stream.part(1)).toBeUndefined();
    feed.chunk(guessed(delta({ start: 0.25, end: 0.26 })));
    expect(stream.part(1)?.duration).toBe(0.25);
    feed.end();
    expect(stream.part(2)?.duration).toBeCloseTo(0.01);
  });

  describe('to begin with', () => {
    /** What is answered to somebody who asks first for the index, or for the media playlist. */
    function ask(stream: HlsStream, query = ''): string[] {
      const answers: string[] = [];
      const segments = readSegments(new URLSearchParams(query));
      const failed = ({ code }: { code: string }): void => void answers.push(code);
      stream.multivariant({ ...INDEX, segments }, { ready: () => void answers.push('index'), failed });
      stream.playlist(readDirectives(new URLSearchParams(query)), { ready: (file) => void answers.push(`${bodyOf(file).match(/^#EXTINF/gm)?.length ?? 0}`), failed });
      return answers;
    }

    it('has three segments, and one for whoever can do with one', async () => {
      const relay = new FakeRelay();
      const feed = relay.live();
      const stream = open(relay);
      const [plain, early] = [ask(stream), ask(stream, 'segments=1')];
      const seen: string[] = [];
      for (let second = 0; second < 8; second++) {
        feed.chunk(key({ start: second, end: second + 1 }));
        await settled();
        seen.push(`${plain.join()}|${early.join()}`);
      }
      expect(seen).toEqual(['|', '|', '|index,1', '|index,1', '|index,1', '|index,1', 'index,3|index,1', 'index,3|index,1']);
    });

    it('has what there is where three segments take too long', async () => {
      const relay = new FakeRelay({ hold: 60_000 });
      const feed = relay.live();
      const stream = open(relay);
      const none = ask(stream, 'segments=2');
      relay.clock.pass(8_000);
      for (let second = 0; second < 3; second++) feed.chunk(key({ start: second, end: second + 1 }));
      await settled();
      const some = ask(stream);
      relay.clock.pass(4_600);
      expect(none).toEqual(['index', '1']);
      expect(some).toEqual([]);
      relay.clock.pass(8_000);
      expect(some).toEqual(['index', '1']);
    });
  });

  describe('after a change of codec', () => {
    const VP9 = initSegment().tracks.map((track) => (track.kind === 'video' ? { ...track, codec: 'vp09.00.10.08' } : track));
    const PROFILE = initSegment().tracks.map((track) => (track.kind === 'video' ? { ...track, codec: 'avc1.64001F' } : track));

    /** A stream of six seconds, and then of `seconds` more with other tracks. */
    async function changed(tracks: typeof VP9, seconds: number): Promise<{ stream: HlsStream; more: (from: number, seconds: number) => void }> {
      const relay = new FakeRelay();
      const first = relay.live();
      const stream = open(relay);
      const send = (feed: typeof first, from: number, count: number): void => {
        for (let second = from; second < from + count; second++) {
          feed.chunk(key({ start: second, end: second + 1 }));
          relay.clock.pass(1_000);
        }
      };
      send(first, 0, 7);
      first.lost();
      const next = relay.live(new FakeLink(), initSegment(tracks));
      send(next, 0, seconds);
      await settled();
      return { stream, more: (from, count) => send(next, from, count) };
    }

    /** The address of the media playlist that a newcomer is given, and what that lists; nothing while it waits. */
    function newcomer(stream: HlsStream): { address: string | undefined; text: string | undefined } {
      let index: string | undefined;
      stream.multivariant(INDEX, { ready: (text) => void (index = text), failed: () => undefined });
      const address = index?.trim().split('\n').at(-1);
      return { address, text: address === undefined ? undefined : textOf(stream, readDirectives(new URL(address, 'http://relay/').searchParams)) };
    }

    it('gives a newcomer a playlist of what the index states, as it goes on, and others all of it', async () => {
      const { stream, more } = await changed(VP9, 7);
      const { address, text } = newcomer(stream);
      expect(address).toBe('media.m3u8?from=4');
      expect(text).toMatch(/#EXT-X-MEDIA-SEQUENCE:4\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="[^"]*init2\.mp4"/);
      expect(text).not.toContain('init1.mp4');
      expect(textOf(stream)).toMatch(/init1\.mp4[^]*init2\.mp4/);
      const rules = new PlaylistRules();
      for (let second = 7; second < 30; second++) {
        expect(rules.check(textOf(stream, readDirectives(new URLSearchParams('from=4')))!)).toEqual([]);
        more(second, 1);
        await settled();
      }
      expect(textOf(stream, readDirectives(new URLSearchParams('from=4')))).toBe(textOf(stream));
      expect(newcomer(stream).address).toBe('media.m3u8');
    });

    it('lets a newcomer wait for three segments of the new one', async () => {
      const { stream } = await changed(VP9, 4);
      expect(newcomer(stream).address).toBeUndefined();
    });

    it('lists all of it where only the profile has changed, which players switch between', async () => {
      const { stream } = await changed(PROFILE, 1);
      expect(newcomer(stream)).toEqual({ address: 'media.m3u8', text: textOf(stream) });
    });
  });

  it('is cut by its sound where it has no picture', () => {
    const relay = new FakeRelay();
    const feed = relay.live(undefined, initSegment(initSegment().tracks.filter(({ kind }) => kind === 'audio')));
    const stream = open(relay);
    for (let frame = 0; frame < 150; frame++) feed.chunk(onlyAudio({ start: frame * 0.02, end: (frame + 1) * 0.02 }));
    expect(textOf(stream)).toContain('#EXTINF:2,');
  });

  it('keeps to the rules, and to its PART-TARGET, where its picture stops, is replaced, and comes back', async () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = open(relay);
    const rules = new PlaylistRules();
    const problems: string[] = [];
    const isIn = (ms: number, from: number, to: number): boolean => ms >= from * 1000 && ms < to * 1000;
    for (let ms = 0; ms < 30_000; ms += 20) {
      const start = ms / 1000;
      const isStopped = isIn(ms, 9, 21);
      if (!isStopped && ms % 40 === 0) feed.chunk((ms % 1000 === 0 ? key : delta)({ start, end: start + 0.04 }));
      // The relay knows after 1.3 s, and sends the last picture to all, which lasts from where it stopped.
      if (ms === 10_300) feed.chunk({ ...key({ start: 9, end: 9.9 }), standsIn: true });
      if (isIn(ms, 12, 21) && ms % 2000 === 300) feed.again({ ...key({ start: start - 0.4, end: start - 0.38 }), standsIn: true });
      feed.chunk({ ...audio({ start, end: start + 0.02 }), ...(isIn(ms, 10.3, 21) && { standsIn: true }) });
      relay.clock.pass(20);
      await settled();
      const text = textOf(stream);
      if (text !== undefined) problems.push(...rules.check(text));
    }
    expect([...new Set(problems)]).toEqual([]);
    expect(textOf(stream)).toContain('PART-TARGET=0.2');
    expect(textOf(stream)).not.toContain('DISCONTINUITY\n');
  });

  it('is cut by its sound where its picture has stopped, before the last picture, which viewers who follow are not sent', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const { outlet } = relay.watch();
    const stream = open(relay);
    feed.chunk(key({ start: 0, end: 0.1 }));
    const position = relay.registry.get('cam')?.epoch?.position;
    const sent = outlet.news().length;
    for (let frame = 0; frame < 500; frame++) {
      const time = frame * 0.02;
      if (frame % 100 === 50) feed.again(key({ start: time, end: time + 0.02 }));
      feed.chunk({ ...audio({ start: time, end: time + 0.02 }), standsIn: true });
    }
    const text = textOf(stream) ?? '';
    expect(text.match(/#EXTINF:2,/g)?.length).toBeGreaterThanOrEqual(3);
    expect(text).not.toContain('DISCONTINUITY\n');
    expect(outlet.news().length - sent).toBeLessThanOrEqual(500);
    expect(relay.registry.get('cam')?.epoch?.position).toBe((position ?? 0) + 500 * 10);
  });
});

/** A `moof` and an `mdat` of nothing. */
function fragment(): Uint8Array {
  return Uint8Array.of(0, 0, 0, 8, ...Buffer.from('moof'), 0, 0, 0, 8, ...Buffer.from('mdat'));
}
