/** What an address below a timeline's names. */
export type MediaAddress = { readonly kind: 'init' | 'segment' | 'part'; readonly number: number };

const FILE = /^(?:init(\d{1,12})\.mp4|(p?)(\d{1,12})\.m4s)$/;

/** The address of an init segment, from that of the playlist. */
export function initAddress(timeline: string, number: number): string {
  return `${timeline}/init${number}.mp4`;
}

/** The address of a segment, by its Media Sequence Number. */
export function segmentAddress(timeline: string, sequence: number): string {
  return `${timeline}/${sequence}.m4s`;
}

/** The address of a part. */
export function partAddress(timeline: string, number: number): string {
  return `${timeline}/p${number}.m4s`;
}

/** What the last part of an address names; nothing if it is none of these. */
export function readMediaAddress(file: string): MediaAddress | undefined {
  const [, init, part, number] = FILE.exec(file) ?? [];
  if (init !== undefined) return { kind: 'init', number: Number(init) };
  return number === undefined ? undefined : { kind: part === 'p' ? 'part' : 'segment', number: Number(number) };
}
