import { SluicePublisher } from '../../../player/publisher/sluice-publisher';

function camera(readyState: MediaStreamTrackState): MediaStream {
  const track = { kind: 'video', readyState, getSettings: () => ({ width: 320, height: 180 }), addEventListener: () => undefined };
  return { getTracks: () => [track], getVideoTracks: () => [track], getAudioTracks: () => [] } as unknown as MediaStream;
}

/** Reads no track, as Chromium's reads none that has ended. */
function RefusingProcessor(): never {
  throw new TypeError('Input track cannot be ended');
}

/** Starts a publisher; gives its state, and what it told of its failure. */
async function start(readyState: MediaStreamTrackState): Promise<{ state: string; errors: unknown[] }> {
  const publisher = new SluicePublisher({ url: 'ws://relay.test/publish/cam', stream: camera(readyState) });
  const errors: unknown[] = [];
  publisher.addEventListener('error', ({ detail }) => errors.push(detail));
  await publisher.start();
  return { state: publisher.state, errors };
}

describe('a publisher', () => {
  beforeEach(() => {
    const isConfigSupported = (): Promise<object> => Promise.resolve({ supported: true });
    Object.assign(globalThis, { VideoEncoder: { isConfigSupported }, AudioEncoder: { isConfigSupported }, MediaStreamTrackProcessor: RefusingProcessor, location: new URL('http://relay.test/') });
  });

  afterEach(() => {
    for (const name of ['VideoEncoder', 'AudioEncoder', 'MediaStreamTrackProcessor', 'location']) Reflect.deleteProperty(globalThis, name);
  });

  it('has failed, and isn’t connecting for ever, where the browser refuses to read the tracks', async () => {
    const { state, errors } = await start('live');
    expect(state).toBe('failed');
    expect(errors).toEqual([{ code: 'encoder-failed', message: 'The browser cannot encode this: Input track cannot be ended' }]);
  });

  it('has failed where the browser cannot say what it encodes', async () => {
    const isConfigSupported = (): Promise<object> => Promise.reject(new TypeError('Unknown codec'));
    Object.assign(globalThis, { VideoEncoder: { isConfigSupported } });
    const { state, errors } = await start('live');
    expect(state).toBe('failed');
    expect(errors).toEqual([{ code: 'encoder-failed', message: 'The browser cannot encode this: Unknown codec' }]);
  });

  it('has failed where all tracks have ended', async () => {
    const { state, errors } = await start('ended');
    expect(state).toBe('failed');
    expect(errors).toEqual([{ code: 'no-tracks', message: 'There is nothing to publish: give a stream with tracks that haven’t ended' }]);
  });
});
