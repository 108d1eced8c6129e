import { copyNode, raw, readTree, vint, writeTree } from './tree.mjs';

/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {import('./tree.mjs').Node} Node */

/** A node in the list that holds it. @typedef {{ list: Node[], index: number, node: Node }} Spot */

/** Longer inputs find little more, and take longer. */
const MAX_SIZE = 48 * 1024;

/**
 * An input made from one of `seeds`, now and then from several.
 * @param {Random} random
 * @param {readonly Uint8Array[]} seeds
 * @returns {Uint8Array}
 */
export function makeInput(random, seeds) {
  const tree = shorten(random, readTree(random.pick(seeds)));
  const donor = () => random.pick(readTree(random.pick(seeds)).flatMap((node) => [node, ...below(node)])) ?? raw(new Uint8Array(0));
  for (let left = 1 + random.small(4); left > 0; left--) random.pick(TREE_MUTATIONS)(random, tree, donor);
  const bytes = writeTree(tree).subarray(0, MAX_SIZE);
  return random.oneIn(6) ? havoc(random, bytes) : bytes;
}

/**
 * Without most of what follows the head: the first media tell as much as all.
 * @param {Random} random
 * @param {readonly Node[]} tree
 */
function shorten(random, tree) {
  const nodes = tree.map(copyNode);
  if (random.oneIn(10)) return nodes;
  keepSome(random, nodes, (node) => node.type === 'moov');
  const segment = nodes.find((node) => node.type === '18538067');
  if (segment?.children) keepSome(random, segment.children, (node) => node.type === '1654ae6b');
  for (const cluster of segment?.children ?? []) if (cluster.type === '1f43b675' && cluster.children) keepSome(random, cluster.children, (node) => node.type === 'e7');
  return nodes;
}

/**
 * Keeps what comes up to the first node that is a head, and a few nodes behind it.
 * @param {Random} random
 * @param {Node[]} nodes
 * @param {(node: Node) => boolean} isHead
 */
function keepSome(random, nodes, isHead) {
  const head = nodes.findIndex(isHead) + 1;
  // A moof and its mdat stay together.
  const from = head + 2 * random.small((nodes.length - head) >> 1);
  nodes.splice(0, nodes.length, ...nodes.slice(0, head), ...nodes.slice(from, from + 2 + 2 * random.small(4)));
}

/**
 * All nodes inside `node`.
 * @param {Node} node
 * @returns {Node[]}
 */
function below(node) {
  return (node.children ?? []).flatMap((child) => [child, ...below(child)]);
}

/**
 * @param {Node[]} list
 * @returns {Spot[]}
 */
function spots(list) {
  return list.flatMap((node, index) => [{ list, index, node }, ...(node.children ? spots(node.children) : [])]);
}

/**
 * A node that `wanted` accepts, if there is one.
 * @param {Random} random
 * @param {Node[]} tree
 * @param {(node: Node) => boolean} wanted
 * @returns {Spot | undefined}
 */
function choose(random, tree, wanted = () => true) {
  const found = spots(tree).filter(({ node }) => wanted(node));
  return found.length === 0 ? undefined : random.pick(found);
}

/** @param {Node} node */
const isLeaf = (node) => !node.children && node.kind !== 'bytes';
/** @param {Node} node */
const isStructure = (node) => isLeaf(node) && node.fields.length > 0 && node.fields.length < 2000 && node.type !== 'mdat';
/** @param {Node} node */
const isBlock = (node) => node.type === 'a3' || node.type === 'a1';

/** @typedef {(random: Random, tree: Node[], donor: () => Node) => void} TreeMutation */

/** @type {TreeMutation} */
function remove(random, tree) {
  const spot = choose(random, tree);
  spot?.list.splice(spot.index, 1);
}

/** @type {TreeMutation} */
function duplicate(random, tree) {
  const spot = choose(random, tree);
  if (!spot) return;
  const times = random.oneIn(20) ? 200 : 1 + random.small(4);
  if (writeTree([spot.node]).length * times > MAX_SIZE) return;
  spot.list.splice(spot.index, 0, ...Array.from({ length: times }, () => copyNode(spot.node)));
}

/** @type {TreeMutation} */
function swap(random, tree) {
  const one = choose(random, tree);
  const other = one && (random.oneIn(3) ? choose(random, tree) : { list: one.list, index: random.below(one.list.length) });
  if (!one || !other) return;
  const node = other.list[other.index];
  // One inside the other would be its own parent.
  if (!node || node === one.node || below(node).includes(one.node) || below(one.node).includes(node)) return;
  one.list[one.index] = node;
  other.list[other.index] = one.node;
}

/** @type {TreeMutation} */
function move(random, tree) {
  const spot = choose(random, tree);
  const target = choose(random, tree, (node) => node.children !== undefined);
  if (!spot || !target?.node.children || target.node === spot.node || below(spot.node).includes(target.node)) return;
  spot.list.splice(spot.index, 1);
  target.node.children.splice(random.below(target.node.children.length + 1), 0, spot.node);
}

/** @type {TreeMutation} */
function nest(random, tree) {
  const spot = choose(random, tree);
  const shell = choose(random, tree, (node) => node.children !== undefined)?.node;
  if (!spot || !shell) return;
  let { node } = spot;
  for (let depth = random.oneIn(10) ? 300 : 1 + random.small(3); depth > 0; depth--) {
    node = { ...shell, children: [node] };
  }
  spot.list[spot.index] = node;
}

/** @type {TreeMutation} */
function unwrap(random, tree) {
  const spot = choose(random, tree, (node) => node.children !== undefined);
  spot?.list.splice(spot.index, 1, ...(spot.node.children ?? []));
}

/** @type {TreeMutation} */
function insert(random, tree, donor) {
  const spot = choose(random, tree);
  (spot?.list ?? tree).splice(spot?.index ?? 0, 0, copyNode(donor()));
}

/** @type {TreeMutation} */
function replace(random, tree, donor) {
  const spot = choose(random, tree);
  if (spot) spot.list[spot.index] = copyNode(donor());
}

/** @type {TreeMutation} */
function rename(random, tree, donor) {
  const spot = choose(random, tree, (node) => node.kind !== 'bytes');
  const { kind, type } = donor();
  if (spot && kind === spot.node.kind) spot.node.type = type;
}

/** @type {TreeMutation} */
function resize(random, tree) {
  const spot = choose(random, tree, isLeaf);
  if (!spot) return;
  const { fields } = spot.node;
  const room = random.oneIn(2) ? 1 + random.small(16) : random.small(fields.length + 1);
  const size = fields.length;
  spot.node.fields = random.oneIn(3) ? Buffer.concat([fields, random.bytes(room)]) : fields.slice(0, Math.max(0, size - room));
  if (random.oneIn(3) && spot.node.kind === 'box') spot.node.claim = size + 8;
}

/** @type {TreeMutation} */
function claim(random, tree) {
  const spot = choose(random, tree, (node) => node.kind !== 'bytes');
  if (!spot) return;
  const size = writeTree([spot.node]).length;
  spot.node.claim = random.oneIn(2) ? Math.max(0, size + random.below(33) - 16) : random.edge() * (random.oneIn(4) ? 2 ** 21 : 1);
}

/** @type {TreeMutation} */
function reform(random, tree) {
  const spot = choose(random, tree, (node) => node.kind !== 'bytes');
  if (spot) spot.node.form = random.pick(['short', 'wide', 'open']);
}

/** Version and flags of a box, or the first bytes of an element. @type {TreeMutation} */
function flags(random, tree) {
  const spot = choose(random, tree, isStructure);
  if (!spot) return;
  const fields = new Uint8Array(spot.node.fields);
  const at = random.below(Math.min(4, fields.length));
  fields[at] = random.oneIn(4) ? random.below(256) : (fields[at] ?? 0) ^ (1 << random.below(8));
  spot.node.fields = fields;
}

/** A count, size, time or duration at an edge. @type {TreeMutation} */
function number(random, tree) {
  const spot = choose(random, tree, isStructure);
  if (!spot) return;
  const fields = Buffer.from(spot.node.fields);
  const width = random.pick([1, 2, 4, 4, 8]);
  if (fields.length < width) {
    spot.node.fields = random.bytes(1 + random.small(9));
    return;
  }
  const at = random.oneIn(4) ? random.below(fields.length - width + 1) : Math.min(4 * random.below(Math.floor(fields.length / 4) + 1), fields.length - width);
  const value = random.edge();
  if (width === 8) {
    fields.writeUInt32BE(value, at);
    fields.writeUInt32BE(random.edge(), at + 4);
  } else {
    fields.writeUIntBE(value % 2 ** (8 * width), at, width);
  }
  spot.node.fields = fields;
}

/** The header of a track fragment, or a run of samples, with any of the fields that flags ask for. @type {TreeMutation} */
function fragmentFields(random, tree) {
  const spot = choose(random, tree, (node) => node.type === 'trun' || node.type === 'tfhd');
  if (!spot) return;
  const { type, fields } = spot.node;
  const head = Buffer.from(fields.length < 8 ? random.bytes(8) : fields.subarray(0, 8));
  head.writeUInt32BE((random.below(2) << 24) | (random.bits() & (type === 'trun' ? 0xf05 : 0x3003b)));
  if (type === 'trun') head.writeUInt32BE(random.oneIn(2) ? random.edge() : random.small(40), 4);
  const rest = Buffer.alloc(4 * random.small(60));
  for (let at = 0; at < rest.length; at += 4) rest.writeUInt32BE(random.oneIn(4) ? random.edge() : random.below(600), at);
  spot.node.fields = Buffer.concat([head, random.oneIn(2) ? fields.subarray(8) : rest]);
}

/** An element's value, in as many bytes as it gets. @type {TreeMutation} */
function value(random, tree) {
  const spot = choose(random, tree, (node) => node.kind === 'element' && !node.children && node.fields.length <= 8);
  if (!spot) return;
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(random.oneIn(3) ? random.edge() : 0);
  bytes.writeUInt32BE(random.edge(), 4);
  spot.node.fields = bytes.subarray(random.below(9));
}

/** The head of a block: its track, time and flags, and the sizes of a lace. @type {TreeMutation} */
function block(random, tree) {
  const spot = choose(random, tree, isBlock);
  if (!spot) return;
  const track = random.oneIn(4) ? random.edge() : (spot.node.fields[0] ?? 0) & 0x7f;
  const head = [...vint(track, random.oneIn(8) ? 8 : 1), ...random.bytes(2), random.below(256)];
  const body = spot.node.fields.subarray(4, random.oneIn(2) ? 200 : undefined);
  const count = random.oneIn(4) ? 255 : random.below(8);
  const sizes = Array.from({ length: count }, () => random.pick([0, 1, 2, 20, 0x80, 0x81, 0xbf, 0xc0, 0xff]));
  spot.node.fields = Buffer.concat([Uint8Array.from(head), random.oneIn(2) ? Uint8Array.from([count, ...sizes]) : new Uint8Array(0), body]);
}

/** @type {TreeMutation} */
function damage(random, tree) {
  const spot = choose(random, tree, (node) => !node.children && node.fields.length > 0);
  if (spot) spot.node.fields = havoc(random, spot.node.fields);
}

/** A stream behind the stream, or bytes that are nothing. @type {TreeMutation} */
function join(random, tree, donor) {
  if (random.oneIn(2)) tree.splice(random.below(tree.length + 1), 0, raw(random.bytes(random.small(40))));
  else tree.push(...(random.oneIn(2) ? tree.map(copyNode) : [copyNode(donor()), copyNode(donor())]));
}

/** Those that find most stand more than once. @type {readonly TreeMutation[]} */
const TREE_MUTATIONS = [
  remove, remove, duplicate, swap, move, nest, unwrap, insert, replace, rename, resize, resize, claim, claim, reform, flags, flags,
  number, number, number, number, fragmentFields, fragmentFields, value, value, block, block, damage, join,
];

/**
 * Bytes changed without regard for what they mean.
 * @param {Random} random
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
function havoc(random, bytes) {
  let out = Buffer.from(bytes);
  for (let left = 1 + random.small(6); left > 0; left--) {
    const at = random.oneIn(2) ? random.small(out.length) : random.below(out.length);
    const length = random.small(Math.min(64, out.length - at) + 1);
    switch (random.below(6)) {
      case 0:
        out = out.subarray(0, at);
        break;
      case 1:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
        break;
      case 2:
        out = Buffer.concat([out.subarray(0, at + length), out.subarray(at)]);
        break;
      case 3:
        out = Buffer.concat([out.subarray(0, at), random.bytes(length), out.subarray(at)]);
        break;
      case 4:
        if (out.length >= at + 4) out.writeUInt32BE(random.edge(), at);
        break;
      default:
        if (at < out.length) out[at] = (out[at] ?? 0) ^ (1 << random.below(8));
    }
  }
  return new Uint8Array(out);
}
