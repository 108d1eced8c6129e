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

/** @param {...string} cells */
export function row(...cells) {
  console.log(`| ${cells.join(' | ')} |`);
}
