import { Linter } from 'eslint';
import { UNGUARDED } from '../../eslint.unguarded.mjs';

/** The rules that complain of such code; those that need types aside. */
function complaints(code: string): (string | null)[] {
  const rules = Object.fromEntries(Object.entries(UNGUARDED).filter(([name]) => !name.startsWith('@'))) as Linter.RulesRecord;
  const globals = { process: 'readonly', setTimeout: 'readonly', setInterval: 'readonly', setImmediate: 'readonly', queueMicrotask: 'readonly' } as const;
  return new Linter().verify(code, { languageOptions: { globals }, rules }).map(({ ruleId }) => ruleId);
}

describe('the linter', () => {
  it.each([
    ['setTimeout(() => undefined, 1);', 'no-restricted-globals'],
    ['setInterval(() => undefined, 1);', 'no-restricted-globals'],
    ['setImmediate(() => undefined);', 'no-restricted-globals'],
    ['queueMicrotask(() => undefined);', 'no-restricted-globals'],
    ['process.nextTick(() => undefined);', 'no-restricted-properties'],
    ["import { setTimeout as later } from 'node:timers';", 'no-restricted-imports'],
    ["socket.on('close', () => undefined);", 'no-restricted-syntax'],
    ["this.socket?.once('close', () => undefined);", 'no-restricted-syntax'],
    ["server.prependListener('connection', () => undefined);", 'no-restricted-syntax'],
    ["signal.addEventListener('abort', () => undefined);", 'no-restricted-syntax'],
    ['socket.onmessage = () => undefined;', 'no-restricted-syntax'],
  ])('finds what runs where nobody catches, and isn’t guarded: %s', (code, rule) => {
    expect(complaints(code)).toEqual([rule]);
  });

  it('lets guarded code be', () => {
    expect(complaints("import { guardedClock, on, soon } from '../base/guard';\non(socket, 'close', () => undefined);\nsoon('a test', () => undefined);\nguardedClock.after(1, () => undefined);")).toEqual([]);
  });
});
