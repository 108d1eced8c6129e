import fc from 'fast-check';
import { copyNode, readTree, writeTree } from '../../fuzz/tree.mjs';
import type { Node } from '../../fuzz/tree.mjs';

/** One change of a tree of boxes or elements. `at` says which of all its nodes, `to` where or how much; both count round. */
export interface Mutation {
  readonly kind: 'remove' | 'repeat' | 'swap' | 'move' | 'wrap' | 'cut' | 'claim' | 'end';
  readonly at: number;
  readonly to: number;
}

/** One change, or a few: a property of all of them finds and shrinks what breaks a parser. */
export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({ kind: fc.constantFrom('remove', 'repeat', 'swap', 'move', 'wrap', 'cut', 'claim', 'end'), at: fc.nat(), to: fc.nat(1 << 16) }),
  { minLength: 1, maxLength: 4 },
);

/** `bytes` with their structure changed. Sizes are true again, but where a mutation lies about one. */
export function mutate(bytes: Uint8Array, all: readonly Mutation[]): Uint8Array {
  const tree = readTree(bytes).map(copyNode);
  for (const mutation of all) change(tree, mutation);
  const changed = writeTree(tree);
  const end = all.find(({ kind }) => kind === 'end');
  return end ? changed.subarray(0, end.at % (changed.length + 1)) : changed;
}

/** A node in the list that holds it. */
interface Spot {
  readonly list: Node[];
  readonly index: number;
  readonly node: Node;
}

function spotsIn(list: Node[]): Spot[] {
  return list.flatMap((node, index) => [{ list, index, node }, ...spotsIn(node.children ?? [])]);
}

function change(tree: Node[], { kind, at, to }: Mutation): void {
  const spots = spotsIn(tree);
  const spot = spots[at % spots.length];
  if (!spot) return;
  const { list, index, node } = spot;
  switch (kind) {
    case 'remove':
      list.splice(index, 1);
      break;
    case 'repeat':
      list.splice(index, 0, ...Array.from({ length: 1 + (to % 20) }, () => copyNode(node)));
      break;
    case 'swap':
      list.splice(to % list.length, 1, ...list.splice(index, 1, list[to % list.length] ?? node));
      break;
    case 'move':
      list.splice(index, 1);
      move(tree, node, to);
      break;
    case 'wrap':
      list[index] = { ...node, children: [node] };
      break;
    case 'cut':
      node.fields = node.fields.subarray(0, to % (node.fields.length + 1));
      break;
    case 'claim':
      node.claim = to % 2 === 0 ? to : Math.max(0, writeTree([node]).length + (to % 64) - 32);
      break;
    case 'end':
  }
}

/** Into any list that is left. */
function move(tree: Node[], node: Node, to: number): void {
  const lists = [tree, ...spotsIn(tree).flatMap((spot) => (spot.node.children ? [spot.node.children] : []))];
  const list = lists[to % lists.length] ?? tree;
  list.splice(to % (list.length + 1), 0, node);
}
