/** @typedef {Awaited<ReturnType<import('./media-file.mjs').MediaFile['describe']>>} Description */
/** @typedef {import('./judge.mjs').Verdict & { door: string }} Result */

const LONG = 160;

export const TABLE_HEAD = '| file | inside | out and verdict by each door |\n|---|---|---|';

/**
 * A row of the table: doors with the same outcome share a line.
 * @param {string} name
 * @param {Description} description
 * @param {readonly Result[]} results
 */
export function fileRow(name, { tracks, others }, results) {
  /** @type {Map<string, string[]>} */
  const doors = new Map();
  for (const result of results) {
    const words = outcome(result);
    doors.set(words, [...(doors.get(words) ?? []), result.door]);
  }
  const inside = [...tracks.map(({ words, isStill }) => (isStill ? `${words} (still)` : words)), ...others].join('; ') || 'nothing';
  return `| ${cell(name)} | ${cell(inside)} | ${[...doors].map(([words, which]) => `${which.join(', ')}: ${cell(words)}`).join('<br>')} |`;
}

/** @param {Result} result */
function outcome({ verdict, why, out }) {
  const shown = verdict === 'WRONG' || why.length <= LONG ? why : `${why.slice(0, LONG)}…`;
  return [out === '' ? '' : `${out} → `, verdict, shown === '' ? '' : ` (${shown})`].join('');
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll(/\s/g, ' ');
}
