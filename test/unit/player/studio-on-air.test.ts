import type { PublisherOptions } from '../../../player/publisher/publisher-options';
import type { PublisherState } from '../../../player/publisher/publisher-state';
import { SluicePublisher } from '../../../player/publisher/sluice-publisher';
import { OnAir } from '../../../player/studio/on-air';
import { WarningBoard } from '../../../player/studio/warning-board';

/** A publisher that does as the test says. */
class FakePublisher extends SluicePublisher {
  readonly #options: PublisherOptions;
  stopped = false;

  constructor(options: PublisherOptions) {
    super(options);
    this.#options = options;
  }

  get codec(): string | undefined {
    return this.#options.video?.codec;
  }

  override start(): Promise<void> {
    return Promise.resolve();
  }

  override stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }

  enter(state: PublisherState): void {
    this.dispatchEvent(new CustomEvent('statechange', { detail: state }));
  }

  fail(): void {
    this.enter('failed');
    this.dispatchEvent(new CustomEvent('error', { detail: { code: 'encoder-failed', message: 'It fails' } }));
  }
}

/** A broadcast that `choose` changes the codec of, with the publishers it has made. */
function broadcast(): { onAir: OnAir; choose: (codec: 'h264' | 'vp9' | 'av1') => void; publisher: (index: number) => FakePublisher } {
  let codec: 'h264' | 'vp9' | 'av1' = 'h264';
  const made: FakePublisher[] = [];
  const onAir = new OnAir({
    url: 'ws://relay.test/publish/cam',
    session: 'a'.repeat(32),
    warnings: new WarningBoard(() => undefined),
    content: () => ({ stream: {} as MediaStream, encoder: 'webcodecs', video: { codec } }),
    changed: () => undefined,
    measured: () => undefined,
    create: (options) => {
      const publisher = new FakePublisher(options);
      made.push(publisher);
      return publisher;
    },
  });
  onAir.start();
  return {
    onAir,
    choose: (chosen) => {
      codec = chosen;
      onAir.renew();
    },
    publisher: (index) => {
      const publisher = made[index];
      if (publisher === undefined) throw new Error(`There is no publisher ${index}`);
      return publisher;
    },
  };
}

describe('a broadcast of the studio', () => {
  beforeAll(() => {
    Object.assign(globalThis, { location: { href: 'http://relay.test/publish/cam' } });
  });

  afterAll(() => {
    Reflect.deleteProperty(globalThis, 'location');
  });

  it('leaves the old publisher on air until the new one is', () => {
    const { onAir, choose, publisher } = broadcast();
    publisher(0).enter('live');
    choose('vp9');
    expect(onAir.state).toBe('connecting');
    expect(publisher(0).stopped).toBe(false);
    publisher(1).enter('live');
    expect(publisher(1).codec).toBe('vp9');
    expect(publisher(0).stopped).toBe(true);
    expect(onAir.state).toBe('live');
  });

  it('waits with another change until the one before is done, and makes only the last', () => {
    const { onAir, choose, publisher } = broadcast();
    publisher(0).enter('live');
    for (const codec of ['vp9', 'av1', 'h264'] as const) choose(codec);
    expect(() => publisher(2)).toThrow();
    publisher(1).enter('live');
    expect(publisher(2).codec).toBe('h264');
    publisher(2).enter('live');
    expect(() => publisher(3)).toThrow();
    expect(onAir.state).toBe('live');
  });

  it('waits with a change while the connection is lost', () => {
    const { choose, publisher } = broadcast();
    publisher(0).enter('live');
    publisher(0).enter('reconnecting');
    choose('vp9');
    expect(publisher(0).stopped).toBe(false);
    publisher(0).enter('live');
    expect(publisher(1).codec).toBe('vp9');
  });

  it('begins anew at once where nobody has seen it yet', () => {
    const { choose, publisher } = broadcast();
    choose('vp9');
    expect(publisher(0).stopped).toBe(true);
    expect(publisher(1).codec).toBe('vp9');
  });

  it('is off for good when it is stopped in the midst of a change', async () => {
    const { onAir, choose, publisher } = broadcast();
    publisher(0).enter('live');
    choose('vp9');
    await onAir.stop();
    expect([publisher(0).stopped, publisher(1).stopped]).toEqual([true, true]);
    expect(onAir.state).toBe('off');
  });

  it('sends nothing more when the new publisher fails', () => {
    const { onAir, choose, publisher } = broadcast();
    publisher(0).enter('live');
    choose('av1');
    publisher(1).fail();
    expect(onAir.failure?.code).toBe('encoder-failed');
    expect(publisher(0).stopped).toBe(true);
    expect(onAir.state).toBe('off');
  });
});
