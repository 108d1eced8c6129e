import { ElementId } from '../../src/media/webm/element-id';
import { writeElement } from '../../src/media/webm/element-writer';

/** Bytes written as hex, with spaces where they help. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Bytes as hex without spaces. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function text(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => character.charCodeAt(0));
}

/** An element by its name, with parts behind its header. */
export function element(name: keyof typeof ElementId, ...parts: Uint8Array[]): Uint8Array {
  return writeElement(ElementId[name], parts);
}

/** An element whose value is an unsigned integer of 4 bytes. */
export function number(name: keyof typeof ElementId, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return element(name, bytes);
}

export const ebml = (docType = 'webm'): Uint8Array => element('EBML', element('DocType', text(docType)));
/** A Segment of unknown size, of which the children follow. */
export const SEGMENT = hex('18538067 01ffffffffffffff');
/** A Cluster of unknown size, of which the children follow. */
export const CLUSTER = hex('1f43b675 01ffffffffffffff');
export const INFO = element('Info', number('TimestampScale', 1_000_000));

/** A TrackEntry of any type and codec. */
export function trackEntry(id: number, type: number, codec: string, ...more: Uint8Array[]): Uint8Array {
  return element('TrackEntry', number('TrackNumber', id), number('TrackType', type), element('CodecID', text(codec)), ...more);
}

/** 160×120 pixels. */
export const SIZE = element('Video', number('PixelWidth', 160), number('PixelHeight', 120));
export const VP8 = trackEntry(1, 1, 'V_VP8', SIZE);
export const OPUS = trackEntry(2, 2, 'A_OPUS');
export const VORBIS = trackEntry(2, 2, 'A_VORBIS');
export const tracks = (...entries: Uint8Array[]): Uint8Array => element('Tracks', ...entries);
/** EBML header up to Tracks: VP8 is track 1, Opus track 2. */
export const HEAD = [ebml(), SEGMENT, INFO, tracks(VP8, OPUS)];

export const timestamp = (ticks: number): Uint8Array => number('Timestamp', ticks);

interface BlockFields {
  readonly track: number;
  /** Relative to the cluster, ticks. */
  readonly time?: number;
  readonly flags?: number;
  readonly data: Uint8Array;
}

/** What is in a Block or SimpleBlock. */
export function block({ track, time = 0, flags = 0, data }: BlockFields): Uint8Array {
  const bytes = new Uint8Array(4 + data.length);
  bytes.set([0x80 | track, (time >> 8) & 0xff, time & 0xff, flags]);
  bytes.set(data, 4);
  return bytes;
}

export const KEY = 0x80;
export const simpleBlock = (fields: BlockFields): Uint8Array => element('SimpleBlock', block(fields));
export const video = (time: number, flags = 0): Uint8Array => simpleBlock({ track: 1, time, flags, data: hex('c0ffee') });
/** Opus: CELT of 20 ms. */
export const OPUS_20 = hex('f8 01 02');
export const audio = (time: number): Uint8Array => simpleBlock({ track: 2, time, flags: KEY, data: OPUS_20 });
