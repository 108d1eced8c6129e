import { MediaBuffer } from '../media-buffer';
import { ElementId } from './element-id';
import { elementLength, ElementWriter, sizeLength, uintLength } from './element-writer';

/** A block that gets a Cluster of its own. */
export interface ClusterBlock {
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

/** How many bytes the Cluster of this block has. */
export function clusterSize(block: ClusterBlock): number {
  return elementLength(ElementId.Cluster, sizes(block).cluster);
}

/** What is behind the header of each element. */
function sizes({ track, time, payloadSize }: ClusterBlock): { timestamp: number; block: number; group: number; cluster: number } {
  const timestamp = uintLength(time);
  const block = sizeLength(track) + 3 + payloadSize;
  const group = elementLength(ElementId.Block, block) + TAIL_SIZE;
  const cluster = elementLength(ElementId.Timestamp, timestamp) + elementLength(ElementId.BlockGroup, group);
  return { timestamp, block, group, cluster };
}

/**
 * Writes a Cluster of known size around one block (RFC 9559 §5.1.3) whose payload comes in pieces, straight to its place:
 * Timestamp, then a BlockGroup of Block, BlockDuration and, where it is no keyframe, ReferenceBlock: in the order in which muxers
 * write them, since some readers overlook a ReferenceBlock before its Block.
 */
export class ClusterWriter {
  readonly #buffer: MediaBuffer;
  readonly #headSize: number;

  constructor(block: ClusterBlock) {
    const size = sizes(block);
    const whole = elementLength(ElementId.Cluster, size.cluster);
    this.#buffer = new MediaBuffer(whole);
    this.#headSize = whole - block.payloadSize - TAIL_SIZE;
    const writer = new ElementWriter(this.#buffer.next(this.#headSize));
    writer.header(ElementId.Cluster, size.cluster);
    writer.header(ElementId.Timestamp, size.timestamp);
    writer.number(block.time, size.timestamp);
    writer.header(ElementId.BlockGroup, size.group);
    writer.header(ElementId.Block, size.block);
    writer.vint(block.track);
    writer.number(0, 2);
    writer.number(block.flags, 1);
  }

  /** The payload as far as it has come; all of it until `seal`. */
  get payload(): Uint8Array {
    return this.#buffer.from(this.#headSize);
  }

  append(piece: Uint8Array): void {
    this.#buffer.append(piece);
  }

  /** The Cluster, with all of its payload, whose duration is given in ticks, `MAX_DURATION` at most. */
  seal({ duration, keyframe }: { duration: number; keyframe: boolean }): Uint8Array {
    const writer = new ElementWriter(this.#buffer.next(TAIL_SIZE));
    writer.header(ElementId.BlockDuration, 4);
    writer.number(duration, 4);
    // RFC 9559 §5.1.3.5.5: 0 says that another block is needed, but not which.
    writer.header(keyframe ? ElementId.Void : ElementId.ReferenceBlock, 1);
    writer.number(0, 1);
    return this.#buffer.seal();
  }
}
