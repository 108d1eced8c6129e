#!/usr/bin/env node
// Installs and builds what is missing or out of date, then starts the relay: npm start -- --port 9000
import { fileURLToPath } from 'node:url';
import { endWithNpm } from './end-with-npm.mjs';
import { installMissing } from './install.mjs';
import { build } from './parts.mjs';

/** @param {string} line */
const say = (line) => console.log(line);

endWithNpm();
try {
  await installMissing(say);
  await build(say);
  say('Starting the relay');
  // In this process, so that a signal reaches the relay whoever sends it, and its exit status is ours.
  const program = new URL('../bin/sluice.js', import.meta.url);
  process.argv = [process.execPath, fileURLToPath(program), 'serve', ...process.argv.slice(2)];
  await import(program.href);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
