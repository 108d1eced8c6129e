/** What people send by mistake: what it is called, and its first bytes. */
const FORMATS: readonly (readonly [name: string, first: readonly number[]])[] = [
  ['a JPEG picture', [0xff, 0xd8, 0xff]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a GIF picture', ascii('GIF8')],
  ['FLV ("-f flv")', ascii('FLV')],
  ['MPEG-TS ("-f mpegts")', [0x47]],
  ['an MPEG program stream', [0, 0, 1, 0xba]],
  ['raw H.264 or H.265', [0, 0, 0, 1, 0x67]],
  ['raw H.264 or H.265', [0, 0, 0, 1, 0x09]],
  ['raw H.264 or H.265', [0, 0, 0, 1, 0x40]],
  ['raw H.264 or H.265', [0, 0, 0, 1, 0x46]],
  ['raw H.264', [0, 0, 1, 0x67]],
  ['Ogg', ascii('OggS')],
  ['AVI or WAV', ascii('RIFF')],
  ['MP3', ascii('ID3')],
  ['raw AAC or MP3', [0xff, 0xf1]],
  ['raw AAC or MP3', [0xff, 0xf9]],
  ['raw AAC or MP3', [0xff, 0xfb]],
  ['an IVF file', ascii('DKIF')],
  ['a gzip file', [0x1f, 0x8b]],
  ['a playlist, not media', ascii('#EXTM3U')],
  ['a web page, not media', ascii('<!')],
  ['a web page, not media', ascii('<html')],
  ['JSON, not media', ascii('{"')],
];

const TS_SYNC = 0x47;
/** Blu-ray and camcorders put a time of 4 bytes before each packet. No box that MP4 begins with has the sync byte there. */
const TIMED_PACKET_HEADER = 4;

/** What these 8 first bytes look like, if it is anything known that is no container of ours. */
export function foreignFormat(head: Uint8Array): string | undefined {
  const format = FORMATS.find(([, first]) => first.every((byte, at) => head[at] === byte));
  if (format) return format[0];
  if (head.every(isText)) return 'text, not media';
  return head[TIMED_PACKET_HEADER] === TS_SYNC ? 'MPEG-TS in packets of 192 bytes (".m2ts")' : undefined;
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13;
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
