/** Elements of EBML (RFC 8794 §11) and Matroska (RFC 9559 §5.1) that the parser knows, by their IDs with the length marker. */
export const ElementId = {
  EBML: 0x1a45dfa3,
  DocType: 0x4282,
  Void: 0xec,
  CRC32: 0xbf,
  Segment: 0x18538067,
  SeekHead: 0x114d9b74,
  Info: 0x1549a966,
  TimestampScale: 0x2ad7b1,
  DateUTC: 0x4461,
  MuxingApp: 0x4d80,
  WritingApp: 0x5741,
  Tracks: 0x1654ae6b,
  TrackEntry: 0xae,
  TrackNumber: 0xd7,
  TrackUID: 0x73c5,
  TrackType: 0x83,
  FlagDefault: 0x88,
  FlagLacing: 0x9c,
  TrackName: 0x536e,
  Language: 0x22b59c,
  CodecID: 0x86,
  CodecPrivate: 0x63a2,
  CodecDelay: 0x56aa,
  SeekPreRoll: 0x56bb,
  DefaultDuration: 0x23e383,
  ContentEncodings: 0x6d80,
  ContentEncoding: 0x6240,
  ContentEncryption: 0x5035,
  Video: 0xe0,
  PixelWidth: 0xb0,
  PixelHeight: 0xba,
  PixelCropBottom: 0x54aa,
  PixelCropTop: 0x54bb,
  PixelCropLeft: 0x54cc,
  PixelCropRight: 0x54dd,
  DisplayWidth: 0x54b0,
  DisplayHeight: 0x54ba,
  DisplayUnit: 0x54b2,
  StereoMode: 0x53b8,
  AlphaMode: 0x53c0,
  Colour: 0x55b0,
  Projection: 0x7670,
  Audio: 0xe1,
  SamplingFrequency: 0xb5,
  OutputSamplingFrequency: 0x78b5,
  BitDepth: 0x6264,
  Channels: 0x9f,
  Cluster: 0x1f43b675,
  Timestamp: 0xe7,
  SimpleBlock: 0xa3,
  EncryptedBlock: 0xaf,
  BlockGroup: 0xa0,
  Block: 0xa1,
  BlockDuration: 0x9b,
  ReferenceBlock: 0xfb,
  Cues: 0x1c53bb6b,
  Chapters: 0x1043a770,
  Tags: 0x1254c367,
  Attachments: 0x1941a469,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(ElementId).map(([name, id]) => [id, name]));

/** The element's name, or its ID in hex if it isn't known. */
export function elementName(id: number): string {
  return NAMES.get(id) ?? `0x${id.toString(16).toUpperCase()}`;
}

/** Children of a Segment, which end a Cluster of unknown size. */
const LEVEL_1: ReadonlySet<number> = new Set([
  ElementId.SeekHead,
  ElementId.Info,
  ElementId.Tracks,
  ElementId.Cluster,
  ElementId.Cues,
  ElementId.Chapters,
  ElementId.Tags,
  ElementId.Attachments,
]);

/** Whether an element of unknown size ends where `next` begins, RFC 8794 §6.2. */
export function endsBefore(id: number, next: number): boolean {
  if (next === ElementId.EBML || next === ElementId.Segment) return true;
  return id === ElementId.Cluster && LEVEL_1.has(next);
}
