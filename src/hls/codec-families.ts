/**
 * What a decoder is made for, of RFC 6381 codecs, as a text to compare: the same for all profiles and levels of a codec, which
 * players switch between. Of `mp4a` the object type belongs to it: `mp4a.40` is AAC, `mp4a.6B` is MP3.
 */
export function codecFamilies(codecs: readonly string[]): string {
  return codecs.map((codec) => /^(?:mp4a\.\w+|[^.]+)/.exec(codec)?.[0] ?? codec).sort().join();
}
