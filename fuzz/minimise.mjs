import { readTree, writeTree } from './tree.mjs';

/** @typedef {import('./tree.mjs').Node} Node */

/** How long to try, ms. */
const LIMIT = 8_000;

/**
 * A smaller input that still breaks the same promise: without nodes that aren't needed, then without bytes that aren't.
 * @param {Uint8Array} bytes
 * @param {(bytes: Uint8Array) => boolean} breaks
 */
export function minimise(bytes, breaks) {
  const end = performance.now() + LIMIT;
  /** @param {Uint8Array} smaller */
  const take = (smaller) => {
    if (smaller.length >= best.length || performance.now() > end || !breaks(smaller)) return false;
    best = new Uint8Array(smaller);
    return true;
  };
  let best = bytes;
  for (let again = true; again; ) again = withoutNodes(readTree(best), take);
  for (let size = 1 << Math.floor(Math.log2(Math.max(1, best.length / 2))); size >= 1; size >>= 1) {
    for (let at = best.length - size; at >= 0; at -= size) take(Buffer.concat([best.subarray(0, at), best.subarray(at + size)]));
  }
  return best;
}

/**
 * Leaves out what can be left out; says whether anything could.
 * @param {Node[]} tree
 * @param {(bytes: Uint8Array) => boolean} take
 */
function withoutNodes(tree, take) {
  let any = false;
  /** @param {Node[]} list */
  const visit = (list) => {
    for (let i = list.length - 1; i >= 0; i--) {
      const [node] = list.splice(i, 1);
      if (!node) continue;
      if (take(writeTree(tree))) {
        any = true;
        continue;
      }
      list.splice(i, 0, node);
      if (node.children) visit(node.children);
      else shorten(node);
    }
  };
  /** @param {Node} node */
  const shorten = (node) => {
    for (let size = node.fields.length >> 1; size >= 1; size >>= 1) {
      const { fields } = node;
      node.fields = fields.subarray(0, fields.length - size);
      if (take(writeTree(tree))) any = true;
      else node.fields = fields;
    }
  };
  visit(tree);
  return any;
}
