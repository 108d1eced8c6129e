import type { SoundOutlet } from '../../../player/video/sound-outlet';
import { callItself } from '../../support/user-agent';

/** An AudioContext whose time and device a test moves. */
class FakeContext extends EventTarget {
  static made: FakeContext[] = [];
  state = 'running';
  currentTime = 0;
  baseLatency = 0.01;
  outputLatency = 0.02;
  readonly destination = {};
  readonly routed: unknown[] = [];

  constructor() {
    super();
    FakeContext.made.push(this);
  }

  createMediaElementSource(video: { taken?: boolean }): { connect(): void } {
    if (video.taken === true) throw new DOMException('Already connected', 'InvalidStateError');
    this.routed.push(video);
    return { connect: () => undefined };
  }

  resume(): Promise<void> {
    return this.#become('running');
  }

  suspend(): Promise<void> {
    return this.#become('suspended');
  }

  #become(state: string): Promise<void> {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
    return Promise.resolve();
  }
}

let restore = (): void => undefined;

/** What a browser has of it. */
function become(browser: Parameters<typeof callItself>[0]): void {
  FakeContext.made = [];
  Object.assign(globalThis, { AudioContext: FakeContext, document: new EventTarget() });
  restore = callItself(browser);
}

/** The outlet of a video, in a page of its own: one context serves a page. */
function outletOf(video: EventTarget): SoundOutlet {
  let found: typeof import('../../../player/video/sound-outlet') | undefined;
  jest.isolateModules(() => {
    found = jest.requireActual('../../../player/video/sound-outlet');
  });
  return found!.SoundOutlet.of(video as HTMLVideoElement);
}

/** Has an outlet whose sound is led through Web Audio. */
function opened(): { video: EventTarget; outlet: SoundOutlet; context: FakeContext } {
  const video = new EventTarget();
  const outlet = outletOf(video);
  outlet.tryOpen();
  const context = FakeContext.made[0]!;
  context.currentTime = 1;
  expect(outlet.tryOpen()).toBe(true);
  return { video, outlet, context };
}

beforeEach(() => become('chrome'));
afterEach(() => restore());

describe('the sound of a video in Chromium', () => {
  it('goes through Web Audio once, as soon as that has run for a moment', () => {
    const video = new EventTarget();
    const outlet = outletOf(video);
    expect([outlet.tryOpen(), outlet.isOpen]).toEqual([false, false]);
    const context = FakeContext.made[0]!;
    context.currentTime = 1;
    expect([outlet.tryOpen(), outlet.isOpen, outlet.tryOpen()]).toEqual([true, true, false]);
    expect(context.routed).toEqual([video]);
    expect(FakeContext.made).toHaveLength(1);
  });

  it('stays where it is while the device is so slow that lips would be out of step', () => {
    const outlet = outletOf(new EventTarget());
    outlet.tryOpen();
    const context = FakeContext.made[0]!;
    Object.assign(context, { currentTime: 1, outputLatency: 0.2 });
    expect([outlet.tryOpen(), outlet.isOpen]).toEqual([false, false]);
    context.outputLatency = 0.03;
    expect(outlet.tryOpen()).toBe(true);
  });

  it('stays where the page has led it', () => {
    const outlet = outletOf(Object.assign(new EventTarget(), { taken: true }));
    outlet.tryOpen();
    FakeContext.made[0]!.currentTime = 1;
    expect([outlet.tryOpen(), outlet.tryOpen(), outlet.isOpen]).toEqual([false, false, false]);
  });

  it('is not held up by what interrupts Web Audio', async () => {
    const { context } = opened();
    await context.suspend();
    expect(context.state).toBe('running');
  });

  it('needs no Web Audio while it is paused', () => {
    const { video, context } = opened();
    video.dispatchEvent(new Event('pause'));
    expect(context.state).toBe('suspended');
    video.dispatchEvent(new Event('play'));
    expect(context.state).toBe('running');
  });
});

describe('the sound of a video in another browser', () => {
  it('goes its own way, and no Web Audio is begun', () => {
    restore();
    become('firefox');
    const outlet = outletOf(new EventTarget());
    expect([outlet.tryOpen(), outlet.isOpen]).toEqual([false, false]);
    expect(FakeContext.made).toEqual([]);
  });
});
