/**
 * A box, an element, or bytes that are neither, as a mutation sees it.
 * @typedef {object} Node
 * @property {'box' | 'element' | 'bytes'} kind
 * @property {string} type Four characters of a box, or the ID of an element in hex; empty for bytes.
 * @property {'short' | 'wide' | 'open'} form Of the size: as short as it was, of 8 bytes, or "up to the end" (unknown).
 * @property {number | undefined} claim What the size field says, if it isn't the truth.
 * @property {Uint8Array} fields What stands before the children, or all that a leaf holds.
 * @property {Node[] | undefined} children Undefined in a leaf.
 */

/** Boxes that hold boxes, and how many bytes of their own stand before them. */
const BOX_FIELDS = new Map(
  Object.entries({
    moov: 0, trak: 0, mdia: 0, minf: 0, stbl: 0, mvex: 0, moof: 0, traf: 0, edts: 0, dinf: 0, udta: 0, stsd: 8, dref: 8,
    avc1: 78, avc3: 78, hvc1: 78, hev1: 78, av01: 78, vp08: 78, vp09: 78, mp4v: 78, mp4a: 28, Opus: 28, fLaC: 28, 'ac-3': 28, 'ec-3': 28, '.mp3': 28,
  }),
);

/** Elements that hold elements: EBML, Segment, SeekHead, Seek, Info, Tracks, TrackEntry, Video, Audio, ContentEncodings, ContentEncoding, Cluster, BlockGroup, Cues, Tags. */
const MASTERS = new Set(['1a45dfa3', '18538067', '114d9b74', '4dbb', '1549a966', '1654ae6b', 'ae', 'e0', 'e1', '6d80', '6240', '1f43b675', 'a0', '1c53bb6b', '1254c367']);
const CLUSTER = '1f43b675';
/** Children of a Segment, which end a Cluster of unknown size. */
const ENDS_CLUSTER = new Set(['114d9b74', '1549a966', '1654ae6b', '1c53bb6b', '1043a770', '1254c367', '1941a469', '1a45dfa3', '18538067', CLUSTER]);

/**
 * What `bytes` are made of. Never fails: what can't be understood is a node of bytes.
 * @param {Uint8Array} bytes
 * @returns {Node[]}
 */
export function readTree(bytes) {
  return bytes[0] === 0x1a && bytes[1] === 0x45 ? readElements(bytes) : readBoxes(bytes);
}

/**
 * @param {Uint8Array} bytes
 * @returns {Node[]}
 */
function readBoxes(bytes) {
  const nodes = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 8) return [...nodes, raw(bytes.slice(at))];
    const small = view.getUint32(at);
    const wide = small === 1 && bytes.length - at >= 16;
    const size = small === 0 ? bytes.length - at : wide ? Number(view.getBigUint64(at + 8)) : small;
    const headerSize = wide ? 16 : 8;
    if (size < headerSize || size > bytes.length - at) return [...nodes, raw(bytes.slice(at))];
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const payload = bytes.subarray(at + headerSize, at + size);
    const own = BOX_FIELDS.get(type);
    const parent = own !== undefined && own <= payload.length;
    nodes.push(
      /** @type {Node} */ ({
        kind: 'box',
        type,
        form: small === 0 ? 'open' : wide ? 'wide' : 'short',
        claim: undefined,
        fields: payload.slice(0, parent ? own : undefined),
        children: parent ? readBoxes(payload.subarray(own)) : undefined,
      }),
    );
    at += size;
  }
  return nodes;
}

/**
 * @param {Uint8Array} bytes
 * @returns {Node[]}
 */
function readElements(bytes) {
  const nodes = [];
  for (let at = 0; at < bytes.length; ) {
    const header = readHeader(bytes, at);
    if (!header) return [...nodes, raw(bytes.slice(at))];
    const { type, begin, unknown } = header;
    const end = unknown ? endOfUnknown(bytes, begin, type) : begin + header.size;
    if (end > bytes.length) return [...nodes, raw(bytes.slice(at))];
    const payload = bytes.subarray(begin, end);
    const parent = MASTERS.has(type);
    nodes.push(
      /** @type {Node} */ ({
        kind: 'element',
        type,
        form: unknown ? 'open' : 'short',
        claim: undefined,
        fields: parent ? new Uint8Array(0) : payload.slice(),
        children: parent ? readElements(payload) : undefined,
      }),
    );
    at = end;
  }
  return nodes;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} begin
 * @param {string} type
 */
function endOfUnknown(bytes, begin, type) {
  if (type !== CLUSTER) return bytes.length;
  for (let at = begin; at < bytes.length; ) {
    const header = readHeader(bytes, at);
    if (!header || ENDS_CLUSTER.has(header.type)) return at;
    at = header.begin + header.size;
  }
  return bytes.length;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function readHeader(bytes, at) {
  const idLength = Math.clz32(bytes[at] ?? 0) - 23;
  const first = bytes[at + idLength] ?? 0;
  const sizeLength = Math.clz32(first) - 23;
  if (idLength > 4 || sizeLength > 8 || at + idLength + sizeLength > bytes.length) return undefined;
  const type = Buffer.from(bytes.subarray(at, at + idLength)).toString('hex');
  const mask = 0xff >> sizeLength;
  const rest = bytes.subarray(at + idLength + 1, at + idLength + sizeLength);
  const size = rest.reduce((sum, byte) => sum * 256 + byte, first & mask);
  const unknown = (first & mask) === mask && rest.every((byte) => byte === 0xff);
  return { type, begin: at + idLength + sizeLength, size, unknown };
}

/**
 * @param {Uint8Array} bytes
 * @returns {Node}
 */
export function raw(bytes) {
  return { kind: 'bytes', type: '', form: 'short', claim: undefined, fields: bytes, children: undefined };
}

/**
 * The bytes of `nodes`, with true sizes but where a node claims another.
 * @param {readonly Node[]} nodes
 * @returns {Uint8Array}
 */
export function writeTree(nodes) {
  /** @type {Uint8Array[]} */
  const parts = [];
  for (const node of nodes) write(node, parts);
  return new Uint8Array(Buffer.concat(parts));
}

/**
 * @param {Node} node
 * @param {Uint8Array[]} parts
 * @returns {number} Bytes written.
 */
function write(node, parts) {
  if (node.kind === 'bytes') return append(parts, node.fields);
  const place = parts.push(new Uint8Array(0)) - 1;
  let size = append(parts, node.fields);
  for (const child of node.children ?? []) size += write(child, parts);
  const header = node.kind === 'box' ? boxHeader(node, size) : elementHeader(node, size);
  parts[place] = header;
  return header.length + size;
}

/**
 * @param {Uint8Array[]} parts
 * @param {Uint8Array} bytes
 */
function append(parts, bytes) {
  parts.push(bytes);
  return bytes.length;
}

/**
 * @param {Node} node
 * @param {number} size
 */
function boxHeader({ type, form, claim }, size) {
  const header = Buffer.alloc(form === 'wide' ? 16 : 8);
  const said = claim ?? (form === 'open' ? 0 : header.length + size);
  if (form === 'wide') {
    header.writeUInt32BE(1);
    header.writeBigUInt64BE(BigInt.asUintN(64, BigInt(Math.trunc(said))), 8);
  } else {
    header.writeUInt32BE(said % 2 ** 32);
  }
  header.write(type, 4, 4, 'latin1');
  return header;
}

/**
 * @param {Node} node
 * @param {number} size
 */
function elementHeader({ type, form, claim }, size) {
  const id = Buffer.from(type, 'hex');
  if (form === 'open' && claim === undefined) return Buffer.concat([id, Buffer.from('01ffffffffffffff', 'hex')]);
  return Buffer.concat([id, vint(claim ?? size, form === 'short' ? 1 : 8)]);
}

/**
 * A variable-size integer of at least `least` bytes.
 * @param {number} value
 * @param {number} least
 */
export function vint(value, least = 1) {
  let length = least;
  while (length < 8 && value >= 2 ** (7 * length) - 1) length++;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(Math.trunc(value))));
  const out = bytes.subarray(8 - length);
  out[0] = ((out[0] ?? 0) & (0xff >> length)) | (0x80 >> (length - 1));
  return out;
}

/**
 * A copy that shares nothing but leaves' bytes, which nobody writes to.
 * @param {Node} node
 * @returns {Node}
 */
export function copyNode(node) {
  return { ...node, children: node.children?.map(copyNode) };
}
