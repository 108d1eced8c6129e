import type { Page } from 'playwright-core';

/** Where a page that has nothing but ManagedMediaSource can make one. */
export type Place = 'worker' | 'page';

/**
 * Gives a page, and the worker of its player, what iPhones have in place of MediaSource, by Chromium's own:
 * - It opens only in a video whose remote playback is disabled, at once or as soon as that is so.
 * - After its first media it wants no more, and it never says again that it does, as Safari did after a seek (WebKit bug 321919).
 * - It evicts what it likes: `evict(to)` in the page.
 * - From Safari 18 on it can be made in workers.
 */
export async function onlyManagedMediaSource(page: Page, place: Place): Promise<void> {
  const standIn = `(${install.toString()})(${JSON.stringify(place)});`;
  await page.addInitScript(standIn);
  // Page and worker run the same script: in the page, the stand-in is there already.
  await page.route('**/player/sluice-video.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${standIn}\n${await response.text()}` });
  });
}

/** Runs in the page, and in the worker. */
function install(place: Place): void {
  if ('ManagedMediaSource' in globalThis) return;
  const Real = MediaSource;
  const isPage = typeof document !== 'undefined';
  const evictions = new BroadcastChannel('evict');

  class Managed extends Real {
    static override readonly canConstructInDedicatedWorker = place === 'worker';
    streaming = false;

    constructor() {
      super();
      this.addEventListener('sourceopen', () => this.#stream(true));
    }

    override addSourceBuffer(mime: string): SourceBuffer {
      const buffer = super.addSourceBuffer(mime);
      buffer.addEventListener('updateend', () => {
        if (buffer.buffered.length > 0 && this.streaming) this.#stream(false);
      });
      evictions.addEventListener('message', ({ data }: MessageEvent<number>) => {
        const evict = (): void => {
          if (this.readyState !== 'open' || buffer.buffered.length === 0) return;
          buffer.remove(0, data);
          buffer.dispatchEvent(new Event('bufferedchange'));
        };
        if (buffer.updating) buffer.addEventListener('updateend', evict, { once: true });
        else evict();
      });
      return buffer;
    }

    #stream(streaming: boolean): void {
      this.streaming = streaming;
      this.dispatchEvent(new Event(streaming ? 'startstreaming' : 'endstreaming'));
    }
  }

  Object.assign(globalThis, { ManagedMediaSource: Managed, MediaSource: undefined });
  if (!isPage) return;
  Object.assign(globalThis, { evict: (to: number) => new BroadcastChannel('evict').postMessage(to) });
  // A video takes what it is given only once nothing else can take it over.
  const waiting = new WeakMap<HTMLMediaElement, () => void>();
  const properties = HTMLMediaElement.prototype;
  const managed = new Set<string>();
  const create = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (object) => {
    const address = create(object);
    if (object instanceof Managed) managed.add(address);
    return address;
  };
  const guard = (name: 'src' | 'srcObject', isManaged: (value: unknown) => boolean): void => {
    const property = Object.getOwnPropertyDescriptor(properties, name)!;
    Object.defineProperty(properties, name, {
      ...property,
      set(this: HTMLMediaElement, value: unknown) {
        const take = (): void => property.set!.call(this, value);
        if (isManaged(value) && !this.disableRemotePlayback) waiting.set(this, take);
        else take();
      },
    });
  };
  guard('src', (value) => managed.has(String(value)));
  guard('srcObject', (value) => value !== null && !(value instanceof MediaStream));
  const disable = Object.getOwnPropertyDescriptor(properties, 'disableRemotePlayback')!;
  Object.defineProperty(properties, 'disableRemotePlayback', {
    ...disable,
    set(this: HTMLMediaElement, value: boolean) {
      disable.set!.call(this, value);
      if (value) waiting.get(this)?.();
      waiting.delete(this);
    },
  });
}
