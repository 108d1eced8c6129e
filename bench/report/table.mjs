/**
 * Prints the head of a table in Markdown.
 * @param {string} title
 * @param {readonly string[]} columns
 */
export function table(title, columns) {
  console.log(`\n### ${title}\n`);
  row(...columns);
  row(...columns.map(() => '---'));
}

/**
 * Prints whether a goal was met, and what was found.
 * @param {string} goal
 * @param {boolean} met
 * @param {string} found
 */
export function verdict(goal, met, found) {
  console.log(`- ${goal}: ${met ? 'met' : 'missed'} (${found})`);
}

/** @param {...string} cells */
export function row(...cells) {
  console.log(`| ${cells.join(' | ')} |`);
}
