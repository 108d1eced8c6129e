import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { check, checkMemory, SMALL_LIMITS } from '../../fuzz/check.mjs';
import { Random } from '../../fuzz/random.mjs';
import { allocateMedia, HEAD_ROOM, type Chunk, type InitSegment } from '../../src/media/chunk';
import { DEFAULT_MEDIA_LIMITS, type ContainerParser, type MediaLimits, type MediaSink } from '../../src/media/container-parser';
import { MediaError } from '../../src/media/media-error';
import { MediaParser } from '../../src/media/media-parser';
import { mutate, mutations } from './mutate-structure';
import { movedBy } from './moved-media';

/** Makes the parser under test. */
export type MakeParser = (sink: MediaSink, limits?: MediaLimits) => ContainerParser;

/** Real bytes that the parser understands from the first to the last. */
export interface ContainerFixture {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** One call of a `MediaSink`. */
export type MediaEvent = { readonly init: InitSegment } | { readonly chunk: Chunk };

/** What a parser made of some bytes, and the error that ended it, if one did. */
export interface ParseResult {
  readonly events: readonly MediaEvent[];
  readonly inits: readonly InitSegment[];
  readonly chunks: readonly Chunk[];
  readonly error: MediaError | undefined;
}

/** Feeds `pieces` to a new parser and finishes it; an error other than a `MediaError` is thrown on. */
export function parsePieces(makeParser: MakeParser, pieces: Iterable<Uint8Array>, limits?: MediaLimits): ParseResult {
  const events: MediaEvent[] = [];
  const sink: MediaSink = { init: (init) => events.push({ init }), chunk: (chunk) => events.push({ chunk }) };
  const parser = limits ? makeParser(sink, limits) : makeParser(sink);
  let error: MediaError | undefined;
  try {
    for (const piece of pieces) {
      const lent = piece.slice();
      parser.push(lent);
      lent.fill(0xee); // A parser keeps no reference to what it was lent.
    }
    parser.finish();
  } catch (thrown) {
    if (!(thrown instanceof MediaError)) throw thrown;
    error = thrown;
  }
  const inits = events.flatMap((event) => ('init' in event ? [event.init] : []));
  const chunks = events.flatMap((event) => ('chunk' in event ? [event.chunk] : []));
  return { events, inits, chunks, error };
}

/** Cuts `bytes` before each of `positions`, in any order and with repeats (which give empty pieces). */
export function cutAt(bytes: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const sorted = [...positions].sort((a, b) => a - b);
  return [0, ...sorted].map((from, i) => bytes.subarray(from, sorted[i] ?? bytes.length));
}

/** Cuts `bytes` into pieces of `size` bytes. */
export function cutEvery(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** The bytes of all `parts`, joined. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Events with bytes as short digests, so that a failing comparison is quick and readable. */
export function summary(events: readonly MediaEvent[]): unknown[] {
  return events.map((event) =>
    'init' in event ? { init: { ...event.init, bytes: digest(event.init.bytes) } } : { chunk: { ...event.chunk, bytes: digest(event.chunk.bytes) } },
  );
}

/** Length and hash. */
function digest(bytes: Uint8Array): string {
  return `${bytes.length}:${createHash('md5').update(bytes).digest('hex')}`;
}

/** `toEqual`, which is slow, only for what differs. */
function expectSame(events: readonly MediaEvent[], expected: readonly unknown[]): void {
  const given = summary(events);
  if (!isDeepStrictEqual(given, expected)) expect(given).toEqual(expected);
}

/** An event, but for the lengths of what holds times: those of a chunk that has been moved may be longer. */
function sized(event: MediaEvent): MediaEvent {
  return 'init' in event ? event : { chunk: { ...event.chunk, bytes: allocateMedia(0) } };
}

/** Output bytes as a viewer sees them. */
function outputBytes(events: readonly MediaEvent[]): Uint8Array {
  return joinBytes(events.map((event) => ('init' in event ? event.init.bytes : event.chunk.bytes)));
}

/** What every `ContainerParser` promises, told with `fixtures` of its container. */
export function containerParserContract(name: string, makeParser: MakeParser, fixtures: readonly ContainerFixture[]): void {
  describe(`${name} keeps the contract of a ContainerParser`, () => {
    it('refuses to finish when nothing came', () => {
      expect(parsePieces(makeParser, []).error?.code).toBe('no-media');
      expect(parsePieces(makeParser, [new Uint8Array(0)]).error?.code).toBe('no-media');
    });

    describe.each(fixtures)('on $name', ({ bytes }) => {
      const whole = parsePieces(makeParser, [bytes]);
      const expected = summary(whole.events);

      it('understands it from the first byte to the last', () => {
        expect(whole.error).toBeUndefined();
        expect(whole.inits.length).toBeGreaterThan(0);
        expect(whole.chunks.length).toBeGreaterThan(0);
        expect(whole.chunks.some((chunk) => chunk.joinable)).toBe(true);
      });

      it('describes each chunk by the tracks of its init segment', () => {
        const ids = new Set(whole.inits.flatMap((init) => init.tracks.map((track) => track.id)));
        for (const chunk of whole.chunks) {
          expect(chunk.spans.length).toBeGreaterThan(0);
          for (const span of chunk.spans) expect(ids).toContain(span.trackId);
          expect(chunk.end).toBeGreaterThanOrEqual(chunk.start);
        }
      });

      it('leaves head room before all that it gives, which lies apart', () => {
        const given = whole.events.map((event) => ('init' in event ? event.init.bytes : event.chunk.bytes));
        expect(() => checkMemory(given, HEAD_ROOM)).not.toThrow();
      });

      it('may be finished twice', () => {
        const parser = makeParser({ init: () => undefined, chunk: () => undefined });
        parser.push(bytes);
        parser.finish();
        expect(() => {
          parser.finish();
        }).not.toThrow();
      });

      it('gives the same for pieces of any one size', () => {
        for (const size of [1, 2, 3, 7, 1000, 4096]) {
          expectSame(parsePieces(makeParser, cutEvery(bytes, size)).events, expected);
        }
      });

      it('gives the same for any cuts', () => {
        fc.assert(
          fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (cuts) => {
            expectSame(parsePieces(makeParser, cutAt(bytes, cuts)).events, expected);
          }),
          { numRuns: 30 },
        );
      });

      it('reads back what it gave as the same init segment and chunks', () => {
        const again = parsePieces(makeParser, [outputBytes(whole.events)]);
        expect(again.error).toBeUndefined();
        expectSame(again.events, expected);
      });

      it('gives chunks that go on as themselves when their times are moved, and are the same when they are moved back', () => {
        fc.assert(
          fc.property(fc.integer({ min: 0, max: 1e9 }), (seconds) => {
            const [init] = whole.inits;
            if (init === undefined || whole.inits.length > 1) return;
            const there = whole.chunks.map(({ bytes: chunk }) => movedBy(init, chunk, seconds));
            const back = there.map((chunk) => movedBy(init, chunk, -seconds));
            const again = (chunks: readonly Uint8Array[]): ParseResult => parsePieces(makeParser, [init.bytes, ...chunks]);
            expectSame(again(back).events.map(sized), summary(whole.events.map(sized)));
            back.forEach((chunk, index) => {
              if (chunk.length === whole.chunks[index]?.bytes.length) expect(digest(chunk)).toBe(digest(whole.chunks[index].bytes));
            });
            const moved = again(there);
            expect(moved.error).toBeUndefined();
            const timescale = (id: number): number => init.tracks.find((track) => track.id === id)?.timescale ?? 0;
            const expectedSpans = whole.chunks.map(({ spans }) => spans.map((span) => ({ ...span, time: span.time + Math.round(seconds * timescale(span.trackId)) })));
            expect(moved.chunks.map(({ spans }) => spans)).toEqual(expectedSpans);
          }),
          { numRuns: 5 },
        );
      });

      it('gives the first chunks, or a coded error, when the end is missing', () => {
        fc.assert(
          fc.property(fc.nat(bytes.length), (length) => {
            const cut = parsePieces(makeParser, [bytes.subarray(0, length)]);
            expect(cut.chunks.length).toBeLessThanOrEqual(whole.chunks.length);
            if (cut.error) expect(['no-media', 'incomplete-media', 'not-a-container']).toContain(cut.error.code);
          }),
          { numRuns: 50 },
        );
      });

      it('gives chunks or a coded error for any damage', () => {
        const damage = fc.array(fc.record({ at: fc.nat(bytes.length - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 8 });
        // Damage in the head of the file hits structure, not payload.
        const headDamage = fc.array(fc.record({ at: fc.nat(Math.min(bytes.length, 2500) - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 });
        fc.assert(
          fc.property(fc.oneof(damage, headDamage), (bytesChanged) => {
            const damaged = bytes.slice();
            for (const { at, byte } of bytesChanged) damaged[at] = byte;
            parsePieces(makeParser, [damaged]);
          }),
          { numRuns: 60 },
        );
      });

      it('keeps every promise when boxes or elements are gone, there twice, moved, cut short, or lie about their size', () => {
        const head = bytes.subarray(0, 16 << 10);
        fc.assert(
          fc.property(mutations, fc.nat(), fc.constantFrom(DEFAULT_MEDIA_LIMITS, SMALL_LIMITS), (all, seed, limits) => {
            const changed = mutate(head, all);
            check({ MediaParser, MediaError, HEAD_ROOM, DEFAULT_MEDIA_LIMITS }, changed, { limits, random: new Random(seed) });
            let init: InitSegment | undefined;
            for (const event of parsePieces((sink, given) => new MediaParser(sink, given), [changed], limits).events) {
              if ('init' in event) init = event.init;
              else if (init !== undefined) movedBy(init, event.chunk.bytes, seed);
            }
          }),
          { numRuns: 30 },
        );
      });
    });
  });
}
