import { isFirefox } from './engine';

/** How a video gets a media source: by a handle from a worker, else by an address. */
export type Attachment = (
  | { readonly handle: MediaSourceHandle }
  | { readonly address: string }
) & {
  /** Whether it is a `ManagedMediaSource`. */
  readonly managed: boolean;
};

type MediaSourceClass = typeof MediaSource;

/** TypeScript's types of the page don't know of it. */
type InWorker = MediaSource & { readonly handle: MediaSourceHandle };

interface Globals {
  readonly MediaSource?: MediaSourceClass;
  /**
   * What iPhones have in its place: https://www.w3.org/TR/media-source-2/#managedmediasource-interface
   *
   * Its `streaming`, `startstreaming` and `endstreaming` say when an app should fetch more. The player appends media as the relay sends it
   * and doesn't look at them: a live stream is never further ahead than its live edge, the browser takes an append at any time, and Safari
   * has left out `startstreaming` after a seek (WebKit bug 321919), so a player that waits for it can wait for ever. What the browser evicts
   * is a gap as any other.
   */
  readonly ManagedMediaSource?: MediaSourceClass;
  readonly document?: unknown;
}

function available(): { readonly make: MediaSourceClass; readonly managed: boolean } | undefined {
  const { MediaSource: plain, ManagedMediaSource: managed } = globalThis as Globals;
  if (plain !== undefined) return { make: plain, managed: false };
  return managed === undefined ? undefined : { make: managed, managed: true };
}

/** Whether this browser has media sources of any kind. */
export function hasMediaSource(): boolean {
  return available() !== undefined;
}

/** Whether this browser plays such media, `video/mp4; codecs="…"`. */
export function canPlay(mime: string): boolean {
  return available()?.make.isTypeSupported(mime) ?? false;
}

/** Whether this browser has media sources in workers. */
export function canWork(): boolean {
  return available()?.make.canConstructInDedicatedWorker === true;
}

/**
 * Whether this browser shows a picture of WebM for as long as its block says, though the next is there. Firefox does, and no other sign
 * tells that: seen in 153, where pictures that last a second, as the relay writes them, stand still for two thirds of each.
 */
export function takesDurationsByTheirWord(): boolean {
  return isFirefox();
}

/** A media source, and how a video gets it. @throws Error if this browser has none. */
export function makeMediaSource(): { readonly source: MediaSource; readonly attachment: Attachment } {
  const found = available();
  if (found === undefined) throw new Error('This browser has no Media Source Extensions');
  const source = new found.make();
  const inWorker = (globalThis as Globals).document === undefined;
  const { managed } = found;
  const attachment = inWorker ? { handle: (source as InWorker).handle, managed } : { address: URL.createObjectURL(source), managed };
  return { source, attachment };
}

/**
 * Gives a video its media source. A managed one never opens while the video could be shown by AirPlay, unless a `<source>` says what to play
 * there: https://github.com/w3c/media-source/pull/329. Such a `<source>` counts only beside others, not beside `srcObject`, and a
 * receiver has neither the page's token nor its latency: so AirPlay is turned off.
 */
export function attach(video: HTMLVideoElement, attachment: Attachment): void {
  if (attachment.managed) video.disableRemotePlayback = true;
  if ('handle' in attachment) {
    video.srcObject = attachment.handle as unknown as MediaProvider;
    return;
  }
  video.srcObject = null;
  video.src = attachment.address;
}

/** Takes it away again. */
export function detach(video: HTMLVideoElement): void {
  video.srcObject = null;
  video.removeAttribute('src');
  video.load();
}
