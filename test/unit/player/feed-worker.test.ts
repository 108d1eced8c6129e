import { serveFeed, type WorkerScope } from '../../../player/video/feed-worker';
import type { FeedEvent } from '../../../player/video/feed-message';
import { FakeManagedMediaSource, FakeMediaSource } from '../../support/fake-media-source';
import { FakeWebSocket } from '../../support/fake-web-socket';

/** The scope of a worker that keeps what it posts. */
function scope(): WorkerScope & { readonly posted: { readonly event: FeedEvent; readonly transfer: readonly Transferable[] }[] } {
  const posted: { event: FeedEvent; transfer: readonly Transferable[] }[] = [];
  return { onmessage: null, posted, postMessage: (event, transfer) => void posted.push({ event, transfer }) };
}

describe('a feed in a worker', () => {
  beforeEach(() => void Object.assign(globalThis, { WebSocket: FakeWebSocket }));
  afterEach(() => void Reflect.deleteProperty(globalThis, 'WebSocket'));

  it('gives the handle of a managed media source away, and says that it is managed', () => {
    const uninstall = FakeManagedMediaSource.install();
    const worker = scope();
    serveFeed(worker);
    const tell = (data: Parameters<NonNullable<WorkerScope['onmessage']>>[0]['data']): void => worker.onmessage?.({ data } as MessageEvent<typeof data>);
    tell({ type: 'open', url: 'ws://relay/watch/cam', backBuffer: 10 });
    tell({ type: 'close' });
    uninstall();
    const { handle } = FakeMediaSource.last;
    expect(worker.posted.slice(0, 2)).toEqual([
      { event: { type: 'ready' }, transfer: [] },
      { event: { type: 'source', attachment: { handle, managed: true } }, transfer: [handle] },
    ]);
  });

  it('is not served where the worker has no media sources, so that the page runs it', () => {
    const worker = scope();
    expect(() => serveFeed(worker)).toThrow('This worker has no Media Source Extensions');
    expect(worker.posted).toEqual([]);
  });
});
