import type { ChildProcess } from 'node:child_process';
import { on, once } from '../base/guard';

const children = new Set<ChildProcess>();
let forgetExit: () => void = () => undefined;

function killAll(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Leaves no `child` behind where this process ends before it, without an orderly stop. */
export function killAtExit(child: ChildProcess): void {
  // It could not be begun, and never ends.
  if (child.pid === undefined) return;
  if (children.size === 0) forgetExit = on(process, 'exit', killAll);
  children.add(child);
  once(child, 'exit', () => {
    children.delete(child);
    if (children.size === 0) forgetExit();
  });
}
