import type { ViewerInfo } from '../../src/protocol/viewer-info';

/** What viewers can be ordered by. */
export type ViewerKey = 'since' | 'lag' | 'skips';

/** An order of viewers. */
export interface ViewerOrder {
  readonly by: ViewerKey;
  readonly descending: boolean;
}

/** Viewers in that order, as equals in the order in which they came. One whose lag nothing tells stands last in either direction. */
export function orderViewers(viewers: readonly ViewerInfo[], { by, descending }: ViewerOrder): ViewerInfo[] {
  const sign = descending ? -1 : 1;
  return [...viewers].sort((one, other) => {
    const [first, second] = [rank(one, by), rank(other, by)];
    if (first === undefined || second === undefined) return Number(first === undefined) - Number(second === undefined) || one.since - other.since;
    return (first - second) * sign || one.since - other.since;
  });
}

/** The order after a click on a column: the other direction, or another column, with the worst or the newest first. */
export function nextOrder(order: ViewerOrder, by: ViewerKey): ViewerOrder {
  return { by, descending: order.by === by ? !order.descending : true };
}

function rank({ since, lag, skips }: ViewerInfo, by: ViewerKey): number | undefined {
  switch (by) {
    case 'since':
      return since;
    case 'lag':
      return lag;
    case 'skips':
      return skips;
    default:
      return by satisfies never;
  }
}
