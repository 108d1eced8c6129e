import { SluiceError } from '../../../src/protocol/error-code';
import type { RelayObserver } from '../../../src/relay/relay-observer';
import { codeOf } from '../../support/code-of';
import { initSegment } from '../../support/fake-media';
import { FakeLink, FakeRelay } from '../../support/fake-relay';

/** Notes what it is told, a line each. */
class Notes implements RelayObserver {
  readonly lines: string[] = [];

  streamLive({ name, mime, resumed }: { name: string; mime: string; resumed: boolean }): void {
    this.lines.push(`live ${name} ${mime}${resumed ? ' again' : ''}`);
  }

  streamHeld(name: string): void {
    this.lines.push(`held ${name}`);
  }

  streamEnded({ name, since, reason }: { name: string; since: number; reason: string }): void {
    this.lines.push(`ended ${name} ${reason} since ${since}`);
  }

  publisherRefused({ name, address, error }: { name: string; address: string; error: SluiceError }): void {
    this.lines.push(`refused ${name} ${address} ${error.code}`);
  }

  timesJumped({ name, seconds }: { name: string; seconds: number }): void {
    this.lines.push(`jumped ${name} ${seconds}`);
  }

  keyframeMissing({ name, seconds }: { name: string; seconds: number }): void {
    this.lines.push(`no keyframe ${name} ${seconds}`);
  }

  tracksStopped({ name, stopped }: { name: string; stopped: readonly string[] }): void {
    this.lines.push(`stopped ${name} ${stopped.join()}`);
  }

  viewerJoined(name: string): void {
    this.lines.push(`joined ${name}`);
  }

  viewerLeft(name: string): void {
    this.lines.push(`left ${name}`);
  }

  viewerTooSlow(name: string): void {
    this.lines.push(`too slow ${name}`);
  }
}

function watched(): { relay: FakeRelay; notes: Notes; since: number } {
  const relay = new FakeRelay();
  const notes = new Notes();
  relay.registry.observe(notes);
  return { relay, notes, since: relay.clock.wall() };
}

describe('an observer of the relay', () => {
  it('is told how a stream begins, breaks off, goes on and ends', () => {
    const { relay, notes, since } = watched();
    const { mime } = initSegment();
    const first = relay.live();
    first.init(initSegment());
    first.lost();
    relay.clock.pass(1_000);
    relay.live().end();
    expect(notes.lines).toEqual([`live cam ${mime}`, 'held cam', `live cam ${mime} again`, `ended cam ended since ${since}`]);
  });

  it('is told nothing of a publisher that never sent media', () => {
    const { relay, notes } = watched();
    relay.publish().lost();
    relay.publish().end();
    expect(notes.lines).toEqual([]);
  });

  it('is told who comes and goes, HLS among them', () => {
    const { relay, notes } = watched();
    relay.live();
    const { viewer } = relay.watch();
    const guest = relay.registry.get('cam')!.count({ address: '::1', disconnect: () => undefined });
    guest.leave();
    guest.leave();
    viewer.close();
    expect(notes.lines.slice(1)).toEqual(['joined cam', 'joined cam', 'left cam', 'left cam']);
  });

  it('is told of tracks that stop, and that all go on with a new epoch or without their publisher', () => {
    const relay = new FakeRelay();
    const notes = new Notes();
    relay.registry.observe(notes);
    const stopped = (): string[] => notes.lines.filter((line) => line.startsWith('stopped'));
    const feed = relay.live();
    const stream = relay.registry.get('cam')!;
    feed.stopped(['audio']);
    expect([stream.stopped, stopped()]).toEqual([['audio'], ['stopped cam audio']]);
    feed.init(initSegment());
    expect([stream.stopped, stopped().length]).toEqual([[], 2]);
    feed.stopped(['video']);
    feed.lost();
    feed.stopped(['audio']);
    expect([stream.stopped, stopped().at(-1), stopped().length]).toEqual([[], 'stopped cam ', 4]);
  });

  it('that throws is reported, and keeps nothing from others, publishers and viewers', () => {
    const relay = new FakeRelay();
    const broken = (): never => {
      throw new Error('broken');
    };
    relay.registry.observe({ streamLive: broken, streamHeld: broken, streamEnded: broken, publisherRefused: broken, timesJumped: broken, keyframeMissing: broken, tracksStopped: broken, viewerJoined: broken, viewerLeft: broken, viewerTooSlow: broken });
    const notes = new Notes();
    relay.registry.observe(notes);
    const feed = relay.live();
    const { outlet } = relay.watch();
    feed.lost();
    relay.live().end();
    expect(notes.lines.map((line) => line.split(' ')[0])).toEqual(['live', 'joined', 'held', 'live', 'ended', 'left']);
    expect(outlet.news().at(-1)).toBe('end ended');
    expect(relay.faults).toHaveLength(6);
  });

  it('is told nothing more once it has left', () => {
    const relay = new FakeRelay();
    const notes = new Notes();
    relay.registry.observe(notes)();
    relay.live();
    expect(notes.lines).toEqual([]);
  });
});

describe('a stream that the operator ends', () => {
  it('is over for everybody, and its publisher is told so', () => {
    const { relay, notes, since } = watched();
    const link = new FakeLink();
    relay.live(link);
    const { outlet } = relay.watch();
    outlet.news();
    relay.registry.end('cam');
    expect(link.refusal).toMatchObject({ code: 'ended-by-operator', retryAfter: undefined });
    expect(outlet.news()).toEqual(['end ended']);
    expect(notes.lines.slice(2)).toEqual([`ended cam operator since ${since}`, 'left cam']);
    expect(relay.registry.get('cam')).toBeUndefined();
  });

  it('may not be published again for as long as streams are held', () => {
    const relay = new FakeRelay({ hold: 30_000 });
    relay.live();
    relay.registry.end('cam');
    relay.clock.pass(29_999);
    expect(codeOf(() => relay.publish())).toBe('ended-by-operator');
    relay.clock.pass(1);
    relay.live();
  });

  it('stays away for 10 s, though nothing is held', () => {
    const relay = new FakeRelay({ hold: 0 });
    relay.live();
    relay.registry.end('cam');
    relay.clock.pass(9_999);
    expect(codeOf(() => relay.registry.checkFree('cam'))).toBe('ended-by-operator');
    relay.clock.pass(1);
    relay.registry.checkFree('cam');
  });

  it('may come back before that if it is let in again', () => {
    const relay = new FakeRelay();
    relay.live();
    relay.registry.end('cam');
    relay.registry.readmit('cam');
    relay.live();
  });

  it('must be there', () => {
    const relay = new FakeRelay();
    relay.watch();
    expect(codeOf(() => relay.registry.end('cam'))).toBe('no-stream');
    expect(codeOf(() => relay.registry.end('other'))).toBe('no-stream');
    relay.publish();
  });
});
