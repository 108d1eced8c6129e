import fc from 'fast-check';
import type { PictureBridge } from '../../../src/media/bridge/bridge';
import { bridgeWriter } from '../../../src/media/bridge/bridge-writer';
import { KeptGop } from '../../../src/media/bridge/kept-gop';
import type { Chunk, InitSegment } from '../../../src/media/chunk';
import { MediaParser } from '../../../src/media/media-parser';
import type { OwnTimes } from '../../../src/relay/viewer-outlet';
import { parsePieces } from '../../support/container-parser-contract';
import { FakeOutlet } from '../../support/fake-outlet';
import { FakeRelay, type Watching } from '../../support/fake-relay';
import { joined } from '../../support/moved-media';
import { AUDIO, audioTrak, AV_MOOV, AVC_ENTRY, box, fragment, FTYP, mvhd, NON_SYNC, trak, trex, VIDEO, VIDEO_MOOV } from '../../support/mp4-boxes';

const PROGRESSIVE: OwnTimes = { fromZero: true, continuous: true };
const PLAIN: OwnTimes = { fromZero: false, continuous: true };

/** Begins and lasts so many seconds; has a keyframe, or a picture that depends on others, or sound. */
type Part = readonly [kind: 'key' | 'delta' | 'sound', start: number, length: number];

function init(moov = AV_MOOV): InitSegment {
  return parsePieces((sink) => new MediaParser(sink), [FTYP, moov]).inits[0]!;
}

/** The init segment of a picture of the same codec with another configuration, and of the same sound. */
function otherConfiguration(): InitSegment {
  const entry = AVC_ENTRY.slice();
  entry[entry.length - 1] = 1;
  return init(box('moov', mvhd(), trak({ id: VIDEO, handler: 'vide', entry }), audioTrak, box('mvex', trex(VIDEO), trex(AUDIO))));
}

/** A chunk for each part. */
function chunks(...parts: readonly Part[]): readonly Chunk[] {
  const fragments = parts.map(([kind, start, length]) => {
    const timescale = kind === 'sound' ? 100 : 1000;
    const sample = { data: kind, duration: length * timescale, ...(kind === 'delta' && { flags: NON_SYNC }) };
    return fragment([{ id: kind === 'sound' ? AUDIO : VIDEO, time: start * timescale, samples: [sample] }]);
  });
  return parsePieces((sink) => new MediaParser(sink), [FTYP, AV_MOOV, ...fragments]).chunks;
}

/** What a door was given of media since the test last looked, a line each: track, and when it begins and ends. */
class Times {
  #seen = 0;

  constructor(readonly outlet: FakeOutlet) {}

  news(): string[] {
    const { sent, moved } = this.outlet;
    const bytes = [...sent.map((message) => message.bytes as Uint8Array), ...moved.map((pieces) => joined(pieces))].slice(this.#seen);
    this.#seen += bytes.length;
    return parsePieces((sink) => new MediaParser(sink), [FTYP, AV_MOOV, ...bytes]).chunks.flatMap(({ spans }) =>
      spans.map(({ trackId, time, duration }) => {
        const scale = trackId === AUDIO ? 100 : 1000;
        return `${trackId === AUDIO ? 'sound' : 'video'} ${time / scale}-${(time + duration) / scale}`;
      }),
    );
  }
}

class Setting {
  readonly relay = new FakeRelay();
  readonly feed = this.relay.live(undefined, init());

  send(...parts: readonly Part[]): void {
    for (const chunk of chunks(...parts)) this.feed.chunk(chunk);
  }

  /** Shows the picture again that was sent last, as the relay does for a track that stops. */
  again(bridge: PictureBridge): void {
    const gop = new KeptGop();
    for (const { chunk } of this.relay.registry.get('cam')!.epoch!.window.fromJoinPoint()) if (chunk.hasVideo) gop.add(chunk);
    for (const chunk of bridgeWriter(init()).picture(gop, bridge)) this.feed.chunk(chunk);
  }

  watch(ownTimes: OwnTimes | undefined): Watching & Times {
    const watching = this.relay.watch(undefined, new FakeOutlet(true, ownTimes));
    return Object.assign(new Times(watching.outlet), watching);
  }
}

describe('a viewer whose times begin at 0', () => {
  it('is sent a stream that it joins late from 0 on, with its tracks in step', () => {
    const test = new Setting();
    test.send(['key', 261, 1], ['sound', 261.2, 0.8], ['key', 262, 0.5], ['sound', 262.2, 0.5]);
    const viewer = test.watch(PROGRESSIVE);
    expect(viewer.news()).toEqual(['video 0-0.5', 'sound 0.2-0.7']);
    test.send(['delta', 262.5, 0.5], ['sound', 262.7, 0.5], ['key', 263, 0.5]);
    expect(viewer.news()).toEqual(['video 0.5-1', 'sound 0.7-1.2', 'video 1-1.5']);
    expect(viewer.outlet.news().filter((line) => line.startsWith('init'))).toHaveLength(1);
  });

  it('begins with the sound that belongs to its first picture, if that is earlier', () => {
    const test = new Setting();
    test.send(['key', 0, 100], ['sound', 99.9, 0.2], ['key', 100, 1]);
    expect(test.watch(PROGRESSIVE).news()).toEqual(['sound 0-0.2', 'video 0.1-1.1']);
  });

  it('leaves room for a sound that is still to come before its first picture', () => {
    const test = new Setting();
    test.send(['key', 99, 1], ['sound', 99, 0.7], ['key', 100, 1]);
    const viewer = test.watch(PROGRESSIVE);
    test.send(['sound', 99.7, 1]);
    expect(viewer.news()).toEqual(['video 0.3-1.3', 'sound 0-1']);
  });

  it('leaves a tenth of a second for one of which nothing has come yet, and moves it no further down than 0', () => {
    const test = new Setting();
    test.send(['key', 100, 1]);
    const viewer = test.watch(PROGRESSIVE);
    test.send(['sound', 99.95, 0.01], ['sound', 99.5, 0.5]);
    expect(viewer.news()).toEqual(['video 0.1-1.1', 'sound 0.05-0.06', 'sound 0-0.5']);
  });

  it('doesn’t wait for a sound that has stopped', () => {
    const test = new Setting();
    test.send(['sound', 97, 1], ['key', 98, 1], ['delta', 99, 1], ['key', 100, 1]);
    expect(test.watch(PROGRESSIVE).news()).toEqual(['video 0-1']);
  });

  it('is sent a stream from its beginning as it is', () => {
    const test = new Setting();
    const viewer = test.watch(PROGRESSIVE);
    test.send(['key', 0.05, 1], ['sound', 0, 1]);
    expect(viewer.news()).toEqual(['video 0.05-1.05', 'sound 0-1']);
  });

  it('is moved by the same time after media was skipped for it', () => {
    const test = new Setting();
    test.send(['key', 100, 1], ['sound', 100, 1]);
    const viewer = test.watch(PROGRESSIVE);
    viewer.news();
    viewer.outlet.queue = 9 << 20;
    test.send(['delta', 101, 1], ['key', 110, 1], ['sound', 110, 1]);
    viewer.outlet.queue = 0;
    test.relay.clock.pass(2_001);
    viewer.viewer.synced(viewer.outlet.syncId);
    expect(viewer.news()).toEqual(['video 10-11', 'sound 10-11']);
  });

  it('shares what is written for it with all who began at the same place', () => {
    const test = new Setting();
    test.send(['key', 100, 1], ['sound', 100, 1]);
    const viewers = [test.watch(PROGRESSIVE), test.watch(PROGRESSIVE), test.watch(PROGRESSIVE)];
    test.send(['delta', 101, 1]);
    expect(new Set(viewers.map(({ outlet }) => outlet.moved.at(-1))).size).toBe(1);
  });
});

describe('a viewer whose times go on', () => {
  it('is sent its first epoch as it is, in the bytes that all are sent', () => {
    const test = new Setting();
    test.send(['key', 100, 1]);
    const viewer = test.watch(PLAIN);
    test.send(['delta', 101, 1]);
    expect(viewer.outlet.moved).toEqual([]);
    expect(viewer.news()).toEqual(['video 100-101', 'video 101-102']);
  });

  it('goes on in a new epoch of the same init segment without a gap or an overlap', () => {
    const test = new Setting();
    test.send(['key', 100, 1], ['sound', 100, 1.02]);
    const viewer = test.watch(PLAIN);
    viewer.news();
    test.feed.init(init());
    test.send(['key', 0, 1], ['sound', 0.05, 1]);
    expect(viewer.news()).toEqual(['video 101-102', 'sound 101.05-102.05']);
    expect(viewer.outlet.news().filter((line) => line.includes('init'))).toEqual(['init 0', 'same-init 0']);
  });

  it('goes on by the track that would overlap most', () => {
    const test = new Setting();
    test.send(['key', 100, 1], ['sound', 100, 1.5]);
    const viewer = test.watch(PLAIN);
    viewer.news();
    test.feed.init(init());
    test.send(['sound', 10, 0.2], ['key', 10, 1]);
    expect(viewer.news()).toEqual(['sound 101.5-101.7', 'video 101.5-102.5']);
  });

  it.each([12, 0])('goes on where a picture is shown again that could last for %d s', (lasts) => {
    const test = new Setting();
    test.send(['key', 100, 1], ['sound', 100, 3]);
    const viewer = test.watch(PLAIN);
    test.again({ start: 101, shownAt: 102.5, lasts });
    viewer.news();
    test.feed.init(init());
    test.send(['key', 0, 1], ['sound', 0, 1]);
    expect(viewer.news()).toEqual(['video 103-104', 'sound 103-104']);
  });

  it('lets no sound begin before the end of what was sent, though its first picture comes before', () => {
    const test = new Setting();
    test.send(['key', 100, 1], ['sound', 100, 1.04]);
    const viewer = test.watch(PLAIN);
    viewer.news();
    test.feed.init(init());
    test.send(['key', 0, 1], ['sound', 0, 0.02], ['sound', 0.02, 0.02], ['sound', 0.04, 0.02]);
    expect(viewer.news()).toEqual(['video 101-102', 'sound 101.04-101.06', 'sound 101.04-101.06', 'sound 101.04-101.06']);
  });

  it('leaves a gap for the picture where the sound that was sent reaches much further', () => {
    const test = new Setting();
    test.send(['key', 100, 1], ['sound', 100, 3]);
    const viewer = test.watch(PLAIN);
    viewer.news();
    test.feed.init(init());
    test.send(['key', 0, 1]);
    expect(viewer.news()).toEqual(['video 103-104']);
  });

  it('goes on over many epochs, and over those of which nothing could be sent', () => {
    const test = new Setting();
    test.send(['key', 5, 1]);
    const viewer = test.watch(PROGRESSIVE);
    for (let epoch = 0; epoch < 3; epoch++) {
      test.feed.init(init());
      test.send(['delta', 700, 1]);
      test.feed.init(init());
      test.send(['key', 1e9 + epoch, 1]);
    }
    expect(viewer.news()).toEqual(['video 0.1-1.1', 'video 1.1-2.1', 'video 2.1-3.1', 'video 3.1-4.1']);
  });

  it('that lags while a new epoch begins goes on in it where what it was sent ended', () => {
    const test = new Setting();
    test.send(['key', 100, 1], ['sound', 100, 1]);
    const viewer = test.watch(PLAIN);
    viewer.outlet.queue = 9 << 20;
    test.send(['delta', 101, 1]);
    expect(viewer.viewer.state).toBe('shut');
    test.feed.init(init());
    test.send(['key', 0, 1]);
    viewer.news();
    viewer.outlet.queue = 0;
    viewer.viewer.synced(viewer.outlet.syncId);
    expect(viewer.news()).toEqual(['video 101-102']);
  });

  it('is told to begin anew where the codecs are others, to take another init segment where only its configuration is, and nothing where it is the same', () => {
    const test = new Setting();
    const viewer = test.watch(PLAIN);
    const begun = [otherConfiguration(), otherConfiguration(), init(VIDEO_MOOV)].map((segment) => {
      viewer.outlet.news();
      test.feed.init(segment);
      return viewer.outlet.news()[0];
    });
    expect(begun).toEqual(['new-init 0', 'same-init 0', 'init 0']);
  });

  it('begins anew at each epoch if it asks for that', () => {
    const test = new Setting();
    test.send(['key', 100, 1]);
    const viewer = test.watch({ fromZero: false, continuous: false });
    viewer.outlet.news();
    test.feed.init(init());
    expect(viewer.outlet.news()[0]).toBe('init 0');
    test.send(['key', 3, 1]);
    expect(viewer.news()).toEqual(['video 100-101', 'video 3-4']);
  });

  it('begins anew before its times would no longer be exact', () => {
    const test = new Setting();
    test.send(['key', 9e10, 1]);
    const viewer = test.watch(PLAIN);
    viewer.outlet.news();
    const begun = [0, 1].map(() => {
      test.feed.init(init());
      test.send(['key', 0, 1]);
      test.feed.chunk(longChunk());
      return viewer.outlet.news()[0];
    });
    expect(begun).toEqual(['same-init 0', 'init 0']);
  });

  it('doesn’t change what viewers are sent who have the times of each epoch', () => {
    const test = new Setting();
    test.send(['key', 100, 1]);
    const viewer = test.watch(undefined);
    test.feed.init(init());
    test.send(['key', 3, 1]);
    expect(viewer.outlet.moved).toEqual([]);
    expect(viewer.news()).toEqual(['video 100-101', 'video 3-4']);
    expect(viewer.outlet.begun.map(({ continues }) => continues)).toEqual([undefined, undefined]);
  });
});

/** A picture that lasts for 3,000 years. */
function longChunk(): Chunk {
  const [chunk] = chunks(['delta', 1, 1]);
  return { ...chunk!, end: 9e10, spans: [{ trackId: VIDEO, time: 1000, duration: 9e13, estimated: false }] };
}

/** What a viewer was sent of one chunk: its times, and those that it had, which its payload holds. */
interface Seen {
  readonly track: string;
  readonly start: number;
  readonly end: number;
  readonly epoch: number;
  readonly original: number;
}

/** Publishers that come and go, and a viewer with its own times that lags now and then. Every chunk lasts half a second. */
class Model {
  readonly #relay = new FakeRelay();
  readonly #watching: Watching[] = [];
  #feed = this.#relay.live(undefined, init());
  #epoch = 0;
  #time = 0;

  watch(ownTimes: OwnTimes): void {
    this.#watching.push(this.#relay.watch(undefined, new FakeOutlet(true, ownTimes)));
  }

  /** The next picture and its sound, which begins so many hundredths later. */
  frame(kind: 'key' | 'delta', late: number): void {
    for (const [track, time] of [[VIDEO, this.#time], [AUDIO, this.#time + late / 100]] as const) {
      const ticks = track === VIDEO ? 1000 : 100;
      const sample = { data: `${this.#epoch} ${time}`, duration: ticks / 2, ...(track === VIDEO && kind === 'delta' && { flags: NON_SYNC }) };
      const media = fragment([{ id: track, time: Math.round(time * ticks), samples: [sample] }]);
      for (const chunk of parsePieces((sink) => new MediaParser(sink), [FTYP, AV_MOOV, media]).chunks) this.#feed.chunk(chunk);
    }
    this.#time += 0.5;
  }

  /** Another publisher continues the stream, with times of its own. */
  begin(time: number): void {
    this.#feed.lost();
    this.#feed = this.#relay.live(undefined, init());
    this.#epoch++;
    this.#time = time;
  }

  lag(): void {
    for (const { outlet } of this.#watching) outlet.queue = 9 << 20;
  }

  catchUp(): void {
    for (const { outlet, viewer } of this.#watching) {
      outlet.queue = 0;
      viewer.synced(outlet.syncId);
      viewer.drained();
    }
  }

  check(): void {
    for (const { outlet } of this.#watching) {
      const seen = seenBy(outlet);
      if (outlet.ownTimes?.fromZero === true && seen.length > 0) expect(seen[0]!.start).toBeLessThan(1.2);
      for (const track of ['video', 'sound']) expectOrder(seen.filter((each) => each.track === track));
      for (let epoch = 0; epoch <= this.#epoch; epoch++) {
        // Sound may be held back to where that of the epoch before ended.
        const shifts = seen.filter((each) => each.epoch === epoch && each.track === 'video').map(({ start, original }) => start - original);
        const late = seen.filter((each) => each.epoch === epoch && each.track === 'sound').map(({ start, original }) => start - original - (shifts[0] ?? 0));
        if (shifts.length === 0) continue;
        expect(Math.max(...shifts) - Math.min(...shifts)).toBeLessThan(0.002);
        expect(late.every((seconds) => seconds > -0.011 && seconds < 0.65)).toBe(true);
        expect(late.slice(2).every((seconds) => Math.abs(seconds) < 0.011)).toBe(true);
      }
    }
  }
}

function seenBy({ sent, moved }: FakeOutlet): Seen[] {
  // A viewer is sent nothing moved before its first epoch is over, or everything.
  const messages = [...sent.map((message) => message.bytes as Uint8Array), ...moved.map((pieces) => joined(pieces))];
  const { chunks: all } = parsePieces((sink) => new MediaParser(sink), [FTYP, AV_MOOV, ...messages]);
  return all.flatMap(({ bytes, spans }) => {
    const text = new TextDecoder().decode(bytes);
    const [epoch = 0, original = 0] = text.slice(text.indexOf('mdat') + 4).split(' ').map(Number);
    return spans.map(({ trackId, time, duration }) => {
      const scale = trackId === AUDIO ? 100 : 1000;
      return { track: trackId === AUDIO ? 'sound' : 'video', start: time / scale, end: (time + duration) / scale, epoch, original };
    });
  });
}

/** Nothing overlaps what another epoch has brought, and nothing goes back. */
function expectOrder(seen: readonly Seen[]): void {
  seen.slice(1).forEach(({ start, epoch }, index) => {
    const before = seen[index]!;
    expect(start).toBeGreaterThanOrEqual(before.start);
    if (epoch !== before.epoch) expect(start).toBeGreaterThanOrEqual(before.end - 0.011);
  });
}

describe('every viewer with its own times, whatever happens', () => {
  it('has one timeline, on which the tracks of each epoch are in step', () => {
    const step: fc.Arbitrary<(model: Model) => void> = fc.oneof(
      { weight: 10, arbitrary: fc.tuple(fc.constantFrom<'key' | 'delta'>('key', 'delta'), fc.nat(6)).map(([kind, late]) => (model: Model) => model.frame(kind, late)) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 1e7 }).map((time) => (model: Model) => model.begin(time)) },
      { weight: 1, arbitrary: fc.constantFrom((model: Model) => model.lag(), (model: Model) => model.catchUp(), (model: Model) => model.catchUp()) },
      { weight: 1, arbitrary: fc.constantFrom(PROGRESSIVE, PLAIN).map((ownTimes) => (model: Model) => model.watch(ownTimes)) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
        const model = new Model();
        model.watch(PROGRESSIVE);
        model.watch(PLAIN);
        for (const run of steps) run(model);
        model.catchUp();
        model.check();
      }),
      { numRuns: 25 },
    );
  });
});
