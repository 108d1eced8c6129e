import { ByteReader } from '../byte-reader';
import type { MediaBytes } from '../chunk';
import type { ChunkMemory } from '../chunk-memory';
import { MediaBuffer } from '../media-buffer';
import { readBlockHead } from './block';
import { readElementHeader } from './element-header';
import { ElementId } from './element-id';
import { elementLength, ElementWriter, sizeLength, uintLength } from './element-writer';

/** A block that gets a Cluster of its own. */
interface ClusterBlock {
  readonly track: number;
  /** Ticks. */
  readonly time: number;
  /** Of the Block, without lacing. */
  readonly flags: number;
  readonly payloadSize: number;
}

/** A 32-bit BlockDuration with its header. */
const DURATION_SIZE = 6;
/** The longest that a Cluster says that its frame lasts, ticks. */
export const MAX_DURATION = 2 ** 32 - 1;
/** A ReferenceBlock with the value 0, or a Void of the same length. */
const REFERENCE_SIZE = 3;
const TAIL_SIZE = DURATION_SIZE + REFERENCE_SIZE;

/** The sizes in the Cluster of a block. */
interface ClusterLayout {
  readonly block: ClusterBlock;
  /** Of the whole Cluster. */
  readonly size: number;
  /** What is behind the header of each element. */
  readonly clusterSize: number;
  readonly timestampSize: number;
  readonly groupSize: number;
  readonly blockSize: number;
}

export function clusterLayout(block: ClusterBlock): ClusterLayout {
  const timestampSize = uintLength(block.time);
  const blockSize = sizeLength(block.track) + 3 + block.payloadSize;
  const groupSize = elementLength(ElementId.Block, blockSize) + TAIL_SIZE;
  const clusterSize = elementLength(ElementId.Timestamp, timestampSize) + elementLength(ElementId.BlockGroup, groupSize);
  return { block, size: elementLength(ElementId.Cluster, clusterSize), clusterSize, timestampSize, groupSize, blockSize };
}

/**
 * Writes a Cluster of known size around one block (RFC 9559 §5.1.3) whose payload comes in pieces, straight to its place:
 * Timestamp, then a BlockGroup of Block, BlockDuration and, where it is no keyframe, ReferenceBlock: in the order in which muxers
 * write them, since some readers overlook a ReferenceBlock before its Block.
 */
export class ClusterWriter {
  readonly #buffer: MediaBuffer;
  readonly #headSize: number;

  constructor(layout: ClusterLayout, memory: ChunkMemory) {
    const { block, size } = layout;
    this.#buffer = new MediaBuffer(size, memory);
    this.#headSize = size - block.payloadSize - TAIL_SIZE;
    const writer = new ElementWriter(this.#buffer.next(this.#headSize));
    writer.header(ElementId.Cluster, layout.clusterSize);
    writer.header(ElementId.Timestamp, layout.timestampSize);
    writer.number(block.time, layout.timestampSize);
    writer.header(ElementId.BlockGroup, layout.groupSize);
    writer.header(ElementId.Block, layout.blockSize);
    writer.vint(block.track);
    writer.number(0, 2);
    writer.number(block.flags, 1);
  }

  /** The payload as far as it has come; all of it until `seal`. */
  get payload(): Uint8Array {
    return this.#buffer.from(this.#headSize);
  }

  /** Adds the bytes of `piece` from `from` to before `to` to the payload. */
  append(piece: Uint8Array, from = 0, to = piece.length): void {
    this.#buffer.append(piece, from, to);
  }

  /** The Cluster, with all of its payload, whose duration is given in ticks, `MAX_DURATION` at most. */
  seal(duration: number, keyframe: boolean): MediaBytes {
    const writer = new ElementWriter(this.#buffer.next(TAIL_SIZE));
    writer.header(ElementId.BlockDuration, 4);
    writer.number(duration, 4);
    // RFC 9559 §5.1.3.5.5: 0 says that another block is needed, but not which.
    writer.header(keyframe ? ElementId.Void : ElementId.ReferenceBlock, 1);
    writer.number(0, 1);
    return this.#buffer.seal();
  }
}

/** The payload of the one block in a Cluster that `ClusterWriter` has written, as a view of it. */
export function payloadOf(cluster: Uint8Array): Uint8Array {
  const reader = new ByteReader(cluster, { offset: 0, path: 'Cluster' });
  readElementHeader(reader);
  reader.skip(readElementHeader(reader).size);
  readElementHeader(reader);
  const { size } = readElementHeader(reader);
  const head = readBlockHead(cluster, reader.position);
  const start = reader.position + (head?.headSize ?? 0);
  return cluster.subarray(start, reader.position + size);
}
