import { allocateMedia, type MediaBytes } from './chunk';

/** Bytes to put in the place of others. */
export interface Patch {
  /** Index of the first byte to replace, and how many are replaced. */
  readonly at: number;
  readonly removed: number;
  readonly bytes: Uint8Array;
}

/** A message in pieces, one after the other: the first has head room, and may be empty. Nobody writes to them. */
export type MediaPieces = readonly [MediaBytes, ...Uint8Array[]];

/** Unchanged bytes in one place from which they are shared: copying fewer costs less than another piece to write. */
export const SHARED_FROM = 4 << 10;

/** Bytes that are written anew, and then those that are shared with the original. */
interface Run {
  readonly from: number;
  to: number;
  readonly patches: Patch[];
}

/**
 * What `bytes` are after `patches`, which are in order and don't overlap. Long unchanged parts are views of `bytes`; only what lies
 * around the patches is copied.
 */
export function patchMedia(bytes: Uint8Array, patches: readonly Patch[]): MediaPieces {
  const first: Run = { from: 0, to: 0, patches: [] };
  const runs = [first];
  let run = first;
  for (const patch of patches) {
    if (patch.at - run.to >= SHARED_FROM) runs.push((run = { from: patch.at, to: patch.at, patches: [] }));
    run.patches.push(patch);
    run.to = patch.at + patch.removed;
  }
  if (bytes.length - run.to < SHARED_FROM) run.to = bytes.length;
  const head = allocateMedia(sizeOf(first));
  writeRun(bytes, first, head);
  return [head, ...runs.flatMap((each, index) => [...(each === first ? [] : [copyOf(bytes, each)]), ...sharedAfter(bytes, each, runs[index + 1])])];
}

function sharedAfter(bytes: Uint8Array, { to }: Run, next: Run | undefined): Uint8Array[] {
  const end = next?.from ?? bytes.length;
  return end > to ? [bytes.subarray(to, end)] : [];
}

function sizeOf({ from, to, patches }: Run): number {
  return patches.reduce((size, patch) => size + patch.bytes.length - patch.removed, to - from);
}

function copyOf(bytes: Uint8Array, run: Run): Uint8Array {
  const copy = new Uint8Array(sizeOf(run));
  writeRun(bytes, run, copy);
  return copy;
}

function writeRun(bytes: Uint8Array, { from, to, patches }: Run, into: Uint8Array): void {
  if (patches.every((patch) => patch.bytes.length === patch.removed)) {
    into.set(bytes.subarray(from, to));
    for (const patch of patches) into.set(patch.bytes, patch.at - from);
    return;
  }
  let read = from;
  let written = 0;
  const append = (piece: Uint8Array): void => {
    into.set(piece, written);
    written += piece.length;
  };
  for (const patch of patches) {
    append(bytes.subarray(read, patch.at));
    append(patch.bytes);
    read = patch.at + patch.removed;
  }
  append(bytes.subarray(read, to));
}
