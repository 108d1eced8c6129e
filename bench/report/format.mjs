/** @param {number} time ms. */
export function ms(time) {
  return time.toFixed(0);
}

/** @param {number} share 0 to 1. */
export function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}

/**
 * The share of the bytes that came.
 * @param {number} share 0 to 1.
 */
export function delivered(share) {
  return share === 1 ? 'all' : `${(share * 100).toFixed(2)} %`;
}

/**
 * The middle, and in brackets where the middle half lies.
 * @param {import('./statistics.mjs').Spread} spread
 * @param {number} [digits] Behind the point.
 */
export function spread({ median, low, high }, digits = 2) {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

/**
 * How busy server and client were, each as a share of a core.
 * @param {number} server
 * @param {number} client
 */
export function loads(server, client) {
  return `${percent(server)} / ${percent(client)}`;
}
