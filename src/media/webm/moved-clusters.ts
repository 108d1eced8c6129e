import { ByteReader } from '../byte-reader';
import type { Patch } from '../patched-media';
import { movedTime, type TrackShifts } from '../track-shift';
import { readBlockHead } from './block';
import { readElementHeader } from './element-header';
import { ElementId } from './element-id';
import { ElementWriter, elementLength, sizeLength, uintLength } from './element-writer';

/** Bytes of the ID of a Cluster. */
const CLUSTER_ID = 4;

/** A Cluster of one block: where it begins, and its Timestamp in so many bytes. */
interface MovableCluster {
  readonly start: number;
  readonly at: number;
  readonly length: number;
  /** Of its Timestamp, ticks. */
  readonly time: number;
  /** Bytes that follow its header. */
  readonly size: number;
  readonly track: number;
}

/** Each Cluster of `bytes`, whole Clusters as `ClusterWriter` writes them. */
export function movableClusters(bytes: Uint8Array): MovableCluster[] {
  const reader = new ByteReader(bytes, { offset: 0, path: 'Cluster' });
  const clusters: MovableCluster[] = [];
  while (reader.remaining > 0) {
    const start = reader.position;
    const { size } = readElementHeader(reader);
    const end = reader.position + size;
    const length = readElementHeader(reader).size;
    const at = reader.position;
    const time = readUint(reader.bytes(length));
    // BlockGroup, and its Block.
    readElementHeader(reader);
    readElementHeader(reader);
    clusters.push({ start, at, length, time, size, track: readBlockHead(bytes, reader.position)?.track ?? 0 });
    reader.skip(end - reader.position);
  }
  return clusters;
}

/**
 * What changes in Clusters when their times are moved: the Timestamp of each (RFC 9559 §5.1.3.1). One that needs more bytes than
 * before gets them, and the Cluster grows.
 */
export function clusterPatches(clusters: readonly MovableCluster[], shifts: TrackShifts): Patch[] {
  return clusters.flatMap((cluster) => {
    const shift = shifts.get(cluster.track);
    return shift === undefined ? [] : [timestampPatch(cluster, movedTime(cluster.time, shift))];
  });
}

function timestampPatch({ start, at, length, size: clusterSize }: MovableCluster, time: number): Patch {
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
