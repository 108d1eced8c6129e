/** What iPhones have in place of MediaSource: https://www.w3.org/TR/media-source-2/#managedmediasource-interface */
type MediaSourceClass = typeof MediaSource;

function available(): { readonly make: MediaSourceClass; readonly managed: boolean } | undefined {
  const { MediaSource: plain, ManagedMediaSource: managed } = globalThis as { MediaSource?: MediaSourceClass; ManagedMediaSource?: MediaSourceClass };
  if (plain !== undefined) return { make: plain, managed: false };
  return managed === undefined ? undefined : { make: managed, managed: true };
}

/** Whether this browser plays such media, `video/mp4; codecs="…"`. */
export function canPlay(mime: string): boolean {
  return available()?.make.isTypeSupported(mime) ?? false;
}

/**
 * Gives `video` a media source of its own; resolves when it is open, which it may never be if `video` gets another.
 * @throws Error if this browser has none.
 */
export function attachMediaSource(video: HTMLVideoElement): Promise<MediaSource> {
  const found = available();
  if (found === undefined) throw new Error('This browser has no Media Source Extensions');
  const source = new found.make();
  // A managed source is open only to players that nothing else can take over.
  if (found.managed) video.disableRemotePlayback = true;
  const address = URL.createObjectURL(source);
  const opened = new Promise<MediaSource>((resolve) => {
    source.addEventListener(
      'sourceopen',
      () => {
        URL.revokeObjectURL(address);
        resolve(source);
      },
      { once: true },
    );
  });
  video.src = address;
  return opened;
}
