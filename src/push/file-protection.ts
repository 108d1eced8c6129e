import { closeSync, openSync, readSync } from 'node:fs';

const HEADER = 16;
/** More of a `moov` isn't read. */
const MOOV_LIMIT = 32 << 20;
/** Boxes that are passed over before a `moov` is found. */
const MAX_BOXES = 10_000;
/** Sample entries of encrypted tracks: Common Encryption, and Apple's FairPlay. */
const ENCRYPTED = ['encv', 'enca', 'drms', 'drmi'];

/**
 * Whether a file is an MP4 with encrypted tracks, of which ffmpeg says nothing, and which it passes on as if they weren't.
 * @see ISO/IEC 23001-7 and ISO/IEC 14496-12, 8.12
 */
export function isProtected(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const moov = readMoov(file);
    return moov !== undefined && stsdBodies(moov).some((body) => ENCRYPTED.some((type) => body.includes(type, 0, 'latin1')));
  } finally {
    closeSync(file);
  }
}

function readMoov(file: number): Buffer | undefined {
  const header = Buffer.alloc(HEADER);
  let at = 0;
  for (let boxes = 0; boxes < MAX_BOXES; boxes++) {
    if (readSync(file, header, 0, HEADER, at) < 8) return undefined;
    const type = header.toString('latin1', 4, 8);
    if (!/^[\w ©-]{4}$/.test(type)) return undefined;
    const short = header.readUInt32BE(0);
    const size = short === 1 ? Number(header.readBigUInt64BE(8)) : short;
    if (type === 'moov') {
      const moov = Buffer.alloc(Math.min(size === 0 ? MOOV_LIMIT : size, MOOV_LIMIT));
      return moov.subarray(0, readSync(file, moov, 0, moov.length, at));
    }
    if (size < 8) return undefined;
    at += size;
  }
  return undefined;
}

/** What is in each box of sample descriptions: codecs and their configurations, no tables in which anything may stand. */
function stsdBodies(moov: Buffer): Buffer[] {
  const bodies: Buffer[] = [];
  for (let at = moov.indexOf('stsd', 0, 'latin1'); at >= 4; at = moov.indexOf('stsd', at + 4, 'latin1')) {
    const size = moov.readUInt32BE(at - 4);
    bodies.push(moov.subarray(at + 4, at - 4 + Math.max(size, 8)));
  }
  return bodies;
}
