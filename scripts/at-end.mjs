import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What is to be done when this process ends, the newest last.
 * @type {Set<() => void>}
 */
const tasks = new Set();
let isListening = false;

/**
 * Runs a task when this process ends, also if SIGINT or SIGTERM ends it.
 * @param {() => void} task
 * @returns {() => void} Takes it back.
 */
export function atEnd(task) {
  if (!isListening) listen();
  tasks.add(task);
  return () => void tasks.delete(task);
}

/**
 * Ends a process with this one, if it hasn't ended before.
 * @param {import('node:child_process').ChildProcess} child
 */
export function endWithThis(child) {
  const ended = atEnd(() => child.kill());
  child.once('exit', ended);
}

/**
 * A folder for temporary files, which is deleted when this process ends.
 * @param {string} name The end of its name begins with this.
 */
export function workFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `sluice-${name}-`));
  atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

function listen() {
  isListening = true;
  process.once('exit', () => {
    // A folder is deleted after the end of what was started in it.
    for (const task of [...tasks].reverse()) task();
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
