import type { ErrorCode } from '../../protocol/error-code';
import { ChunkMemory } from '../chunk-memory';
import { DEFAULT_MEDIA_LIMITS, type ContainerParser, type MediaLimits, type MediaSink } from '../container-parser';
import type { MediaError } from '../media-error';
import { ParserGuard } from '../parser-guard';
import { readMatroskaInit, wantsRemux, type MatroskaInit } from '../remux/matroska-init';
import { Remuxer } from '../remux/remuxer';
import { Work, WorkMeter } from '../work-meter';
import { BlockAssembler, type BlockContext } from './block-assembler';
import { MAX_DURATION } from './cluster-writer';
import type { Element } from './element';
import { ElementId, elementName } from './element-id';
import { ElementWalker, type Treatment } from './element-walker';
import { checkDocType, readInit, type WebmInit } from './init-segment';
import { Timeline, type Frame } from './timeline';

/** What has come of a BlockGroup. */
interface BlockGroup {
  block: BlockAssembler | undefined;
  duration: number | undefined;
  hasReference: boolean;
}

/** What has come of a Segment, or of the EBML header before it. */
interface Segment {
  /** Bytes of the init segment so far. */
  initSize: number;
  info: Element | undefined;
  tracks: Element | undefined;
  init: WebmInit | MatroskaInit | undefined;
  /** Describes chunks of WebM. */
  timeline: Timeline | undefined;
  /** Makes MP4, if that is what the tracks want. */
  remuxer: Remuxer | undefined;
}

/**
 * Parses WebM (RFC 9559, and https://www.webmproject.org/docs/container/): an EBML header, and a Segment of Info, Tracks and Clusters.
 * Each frame becomes a chunk: a Cluster of its own, with its duration. So a chunk leaves with the last byte of its block.
 * Everything else is skipped without being held. Memory: an init segment and a chunk, within the limits.
 * Matroska whose codecs browsers take only in MP4 leaves as MP4, by a `Remuxer`.
 */
export class WebmParser implements ContainerParser {
  readonly #sink: MediaSink;
  readonly #limits: MediaLimits;
  readonly #work: WorkMeter;
  readonly #memory = new ChunkMemory();
  readonly #guard = new ParserGuard();
  readonly #walker: ElementWalker;
  #segment: Segment = newSegment(0);
  /** Whether an EBML header has come whose init segment isn't complete. */
  #initBegun = false;
  /** The Cluster around the next byte, once its Timestamp has come. */
  #cluster: BlockContext | undefined;
  #group: BlockGroup | undefined;
  /** The block whose bytes are coming. */
  #block: BlockAssembler | undefined;
  #finished = false;

  constructor(sink: MediaSink, limits: MediaLimits = DEFAULT_MEDIA_LIMITS, work = new WorkMeter()) {
    this.#sink = sink;
    this.#limits = limits;
    this.#work = work;
    const visitor = {
      begin: (id: number, size: number, parent: number | undefined) => this.#begin(id, size, parent),
      collected: (element: Element) => this.#collected(element),
      streamed: (bytes: Uint8Array, from: number, to: number) => this.#block?.append(bytes, from, to),
      end: (id: number) => this.#end(id),
    };
    this.#walker = new ElementWalker(visitor, work);
  }

  push(bytes: Uint8Array): number {
    return this.#guard.run(() => {
      if (this.#finished && bytes.length > 0) throw this.#error('malformed-media', 'Bytes after the end');
      return this.#walker.push(bytes);
    });
  }

  finish(): void {
    this.#guard.run(() => {
      if (this.#finished) return;
      if (this.#walker.offset === 0) throw this.#error('no-media', 'No byte came');
      const unfinished = this.#walker.unfinished ?? (this.#initBegun ? 'before its tracks' : this.#segment.remuxer?.unfinished);
      if (unfinished) throw this.#error('incomplete-media', `The media ends ${unfinished}`);
      this.#finished = true;
    });
  }

  #begin(id: number, size: number, parent: number | undefined): Treatment {
    switch (parent) {
      case undefined:
        return this.#beginTopLevel(id, size);
      case ElementId.Segment:
        return this.#beginInSegment(id, size);
      case ElementId.Cluster:
        return this.#beginInCluster(id, size);
      default:
        return this.#beginInGroup(id, size);
    }
  }

  #beginTopLevel(id: number, size: number): Treatment {
    if (id === ElementId.EBML) {
      this.#initBegun = true;
      this.#segment = newSegment(0);
      return this.#collectInit(size);
    }
    if (!this.#initBegun && !this.#segment.init) throw this.#error('not-a-container', 'Not WebM: it does not begin with an EBML header');
    if (id === ElementId.Segment) {
      this.#initBegun = true;
      this.#segment = newSegment(this.#segment.init ? 0 : this.#segment.initSize);
      return 'enter';
    }
    if (id === ElementId.Void || id === ElementId.CRC32) return 'skip';
    throw this.#error('malformed-media', `"${elementName(id)}" outside of any Segment`);
  }

  #beginInSegment(id: number, size: number): Treatment {
    switch (id) {
      case ElementId.Info:
        return this.#segment.info || this.#segment.init ? 'skip' : this.#collectInit(size);
      case ElementId.Tracks:
        return this.#segment.tracks ? 'skip' : this.#collectInit(size);
      case ElementId.Cluster:
        this.#completeInit();
        this.#cluster = undefined;
        return 'enter';
      default:
        return 'skip';
    }
  }

  #beginInCluster(id: number, size: number): Treatment {
    switch (id) {
      case ElementId.Timestamp:
        return this.#collectNumber(size);
      case ElementId.SimpleBlock:
        return this.#beginBlock(size);
      case ElementId.BlockGroup:
        this.#group = { block: undefined, duration: undefined, hasReference: false };
        return 'enter';
      case ElementId.EncryptedBlock:
        throw this.#error('unsupported-codec', "Encrypted media can't be relayed");
      case ElementId.Cluster:
        throw this.#error('malformed-media', 'A Cluster inside a Cluster');
      default:
        return 'skip';
    }
  }

  #beginInGroup(id: number, size: number): Treatment {
    const group = this.#group;
    switch (id) {
      case ElementId.Block:
        if (group?.block) throw this.#error('malformed-media', 'Two blocks in one BlockGroup');
        return this.#beginBlock(size);
      case ElementId.BlockDuration:
        return this.#collectNumber(size);
      case ElementId.ReferenceBlock:
        if (group) group.hasReference = true;
        return 'skip';
      default:
        return 'skip';
    }
  }

  #collectInit(size: number): Treatment {
    const segment = this.#segment;
    segment.initSize += size;
    this.#checkInitSize(segment.initSize);
    this.#work.spend(Work.initByte * size);
    return 'collect';
  }

  #checkInitSize(size: number): void {
    if (size <= this.#limits.maxInit) return;
    throw this.#error('init-too-large', `An init segment of ${size} bytes, where ${this.#limits.maxInit} are allowed`);
  }

  #collectNumber(size: number): Treatment {
    if (size > 8) throw this.#error('malformed-media', 'A number of more than 8 bytes');
    return 'collect';
  }

  #beginBlock(size: number): Treatment {
    if (!this.#cluster) throw this.#error('malformed-media', 'A block before the Timestamp of its Cluster');
    this.#block = new BlockAssembler(this.#cluster, size, this.#walker.place);
    return 'stream';
  }

  #collected(element: Element): void {
    switch (element.id) {
      case ElementId.EBML:
        checkDocType(element);
        break;
      case ElementId.Info:
        this.#segment.info = element;
        if (this.#segment.tracks) this.#completeInit();
        break;
      case ElementId.Tracks:
        this.#segment.tracks = element;
        if (this.#segment.info) this.#completeInit();
        break;
      case ElementId.Timestamp:
        this.#beginBlocks(element.uint());
        break;
      case ElementId.BlockDuration:
        if (this.#group) this.#group.duration = Math.min(element.uint(), MAX_DURATION);
    }
  }

  #beginBlocks(clusterTime: number): void {
    const { init } = this.#segment;
    if (init) this.#cluster = { init, clusterTime, maxChunk: this.#limits.maxChunk, memory: this.#memory };
  }

  /** Info and Tracks have come, or the first Cluster begins. */
  #completeInit(): void {
    const segment = this.#segment;
    if (segment.init) return;
    if (!segment.tracks) throw this.#error('malformed-media', 'A Cluster before any Tracks');
    this.#initBegun = false;
    if (wantsRemux(segment.tracks)) {
      segment.init = readMatroskaInit(segment.info, segment.tracks);
      segment.remuxer = new Remuxer(segment.init, { sink: this.#sink, limits: this.#limits, work: this.#work });
      return;
    }
    const init = readInit(segment.info, segment.tracks);
    this.#checkInitSize(init.segment.bytes.length);
    segment.init = init;
    segment.timeline = new Timeline(init);
    this.#sink.init(init.segment);
  }

  #end(id: number): void {
    const block = this.#block;
    switch (id) {
      case ElementId.SimpleBlock:
        this.#block = undefined;
        if (block) this.#emit(block, { keyframe: block.keyframeFlag, statedDuration: undefined });
        break;
      case ElementId.Block:
        this.#block = undefined;
        if (this.#group) this.#group.block = block;
        break;
      case ElementId.BlockGroup:
        this.#endGroup();
    }
  }

  #endGroup(): void {
    const group = this.#group;
    this.#group = undefined;
    if (!group?.block) throw this.#error('malformed-media', 'A BlockGroup without a Block');
    this.#emit(group.block, { keyframe: !group.hasReference, statedDuration: group.duration });
  }

  #emit(block: BlockAssembler, told: Pick<Frame, 'keyframe' | 'statedDuration'>): void {
    const { timeline, remuxer } = this.#segment;
    this.#work.spend(Work.laced * block.lacedFrames);
    if (timeline) {
      block.chunks(timeline, told, (chunk) => {
        this.#work.spend(Work.chunk);
        this.#sink.chunk(chunk);
      });
    } else if (remuxer) {
      block.frames(told, (frame) => {
        this.#work.spend(Work.chunk);
        return remuxer.take(frame, block.place);
      });
    }
  }

  #error(code: ErrorCode, message: string): MediaError {
    return this.#walker.error(code, message);
  }
}

function newSegment(initSize: number): Segment {
  return { initSize, info: undefined, tracks: undefined, init: undefined, timeline: undefined, remuxer: undefined };
}
