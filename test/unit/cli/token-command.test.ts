import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthorizer } from '../../../src/access/create-authorizer';
import { JwtAuthorizer } from '../../../src/access/jwt-authorizer';
import { tokenCommand } from '../../../src/cli/token-command';
import { systemClock } from '../../../src/relay/clock';
import { A_REQUEST } from '../../support/a-request';
import { codeOfAsync } from '../../support/code-of';

const SECRET = 'a secret of at least 32 characters';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-token-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs `sluice token` with these arguments; gives what it prints. */
async function run(...args: string[]): Promise<string> {
  const printed: string[] = [];
  const command = tokenCommand((text) => printed.push(text));
  for (const each of [command, ...command.commands]) each.exitOverride().configureOutput({ writeErr: () => undefined });
  await command.parseAsync(args, { from: 'user' });
  return printed.join('\n');
}

describe('sluice token key', () => {
  it('prints a key that the relay then lets in, and keeps only its hash, in a file that nobody else reads', async () => {
    const file = join(folder, 'keys.json');
    const first = await run('key', '--file', file, '--id', 'studio', '--publish', 'cam-*', '--publish', 'stage');
    const second = await run('key', '--file', file, '--id', 'guest', '--watch', '*', '--expires', '30d');
    const text = readFileSync(file, 'utf8');
    for (const key of [first, second]) {
      expect(key).toMatch(/^sluice_[\w-]{43}$/);
      expect(text).not.toContain(key);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const authorizer = createAuthorizer({ kind: 'keys', file }, systemClock);
    const ask = (credential: string, action: 'publish' | 'watch', name: string): Promise<string> =>
      codeOfAsync(() => authorizer.authorize({ action, name, credential, address: '::1', request: A_REQUEST }), 'granted');
    expect([await ask(first, 'publish', 'stage'), await ask(first, 'publish', 'other'), await ask(second, 'watch', 'other')]).toEqual(['granted', 'not-allowed', 'granted']);
  });

  it.each<[string, string[], string]>([
    ['a name that is none', ['--id', 'a', '--publish', 'a/b'], 'Cannot use --publish: it must be a name of letters, digits, "_", "-" and "*"'],
    ['an id that is none', ['--id', 'a b'], 'Cannot use --id: it must be 1 to 64 letters, digits, "_", ".", "@" or "-"'],
    ['a time that is none', ['--id', 'a', '--expires', 'soon'], 'Cannot use --expires soon: it must be a number and s, m, h or d, such as 30d'],
  ])('refuses %s', async (_what, args, message) => {
    await expect(run('key', '--file', join(folder, 'keys.json'), ...args)).rejects.toThrow(message);
  });

  it('makes no key that permits nothing, and no file for it', async () => {
    const file = join(folder, 'none.json');
    await expect(run('key', '--file', file, '--id', 'studio')).rejects.toThrow('permits nothing: add --publish NAME, --watch NAME or --admin');
    expect(existsSync(file)).toBe(false);
  });

  it('makes no second key of the same id, and leaves a file alone that it doesn’t understand', async () => {
    const file = join(folder, 'keys.json');
    await run('key', '--file', file, '--id', 'studio', '--publish', '*');
    await expect(run('key', '--file', file, '--id', 'studio', '--publish', '*')).rejects.toThrow('Cannot add a key for "studio"');
    await expect(run('key', '--file', __filename, '--id', 'studio')).rejects.toThrow('it is no JSON');
  });
});

describe('sluice token jwt', () => {
  it('prints a token that the relay then lets in', async () => {
    const token = await run('jwt', '--secret', SECRET, '--subject', 'ana', '--watch', 'cam', '--expires', '15m');
    const authorizer = new JwtAuthorizer({ keys: { secret: new TextEncoder().encode(SECRET) }, audience: 'sluice', wall: () => Date.now() });
    const grant = await authorizer.authorize({ action: 'watch', name: 'cam', credential: token, address: '::1', request: A_REQUEST });
    expect(grant.who).toBe('ana');
    expect(grant.expiresAt! - Date.now()).toBeLessThanOrEqual(900_000);
  });

  it('refuses a secret that is too short to be one', async () => {
    await expect(run('jwt', '--secret', 'short', '--watch', 'cam')).rejects.toThrow('at least 32 characters');
  });

  it('refuses a token that permits nothing', async () => {
    await expect(run('jwt', '--secret', SECRET)).rejects.toThrow('permits nothing: add --publish NAME, --watch NAME or --admin');
  });
});
