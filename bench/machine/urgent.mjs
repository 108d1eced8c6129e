import { existsSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Lets a process, and what it starts from now on, run before other programs of this machine, where that is allowed.
 * @param {number} pid
 */
export function makeUrgent(pid) {
  setPriority(pid, constants.priority.PRIORITY_HIGHEST);
  // Linux may share processors out between sessions first, and only then by the priority of each process.
  const group = `/proc/${pid}/autogroup`;
  if (existsSync(group)) writeFileSync(group, String(constants.priority.PRIORITY_HIGHEST));
}
