import { ByteReader } from '../byte-reader';
import type { Patch } from '../patched-media';
import { movedTime, type TrackShifts } from '../track-shift';
import { readBlockHead } from './block';
import { readElementHeader } from './element-header';
import { ElementId } from './element-id';
import { ElementWriter, elementLength, sizeLength, uintLength } from './element-writer';

/** Bytes of the ID of a Cluster. */
const CLUSTER_ID = 4;

/**
 * What changes in `bytes`, whole Clusters as `ClusterWriter` writes them, when their times are moved: the Timestamp of each
 * (RFC 9559 §5.1.3.1). One that needs more bytes than before gets them, and the Cluster grows.
 */
export function clusterPatches(bytes: Uint8Array, shifts: TrackShifts): Patch[] {
  const reader = new ByteReader(bytes, { offset: 0, path: 'Cluster' });
  const patches: Patch[] = [];
  while (reader.remaining > 0) {
    const start = reader.position;
    const cluster = readElementHeader(reader);
    const end = reader.position + cluster.size;
    const length = readElementHeader(reader).size;
    const at = reader.position;
    const time = readUint(reader.bytes(length));
    // BlockGroup, and its Block.
    readElementHeader(reader);
    readElementHeader(reader);
    const shift = shifts.get(readBlockHead(bytes, reader.position)?.track ?? 0);
    if (shift !== undefined) patches.push(timestampPatch({ start, at, length, clusterSize: cluster.size }, movedTime(time, shift)));
    reader.skip(end - reader.position);
  }
  return patches;
}

/** Where a Cluster begins, its Timestamp in so many bytes, and how many follow its header. */
interface ClusterHead {
  readonly start: number;
  readonly at: number;
  readonly length: number;
  readonly clusterSize: number;
}

function timestampPatch({ start, at, length, clusterSize }: ClusterHead, time: number): Patch {
  const wanted = uintLength(time);
  if (wanted <= length) {
    const bytes = new Uint8Array(length);
    new ElementWriter(bytes).number(time, length);
    return { at, removed: length, bytes };
  }
  const size = clusterSize + wanted - length;
  const bytes = new Uint8Array(sizeLength(size) + elementLength(ElementId.Timestamp, wanted));
  const writer = new ElementWriter(bytes);
  writer.vint(size);
  writer.header(ElementId.Timestamp, wanted);
  writer.number(time, wanted);
  const from = start + CLUSTER_ID;
  return { at: from, removed: at + length - from, bytes };
}

function readUint(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
