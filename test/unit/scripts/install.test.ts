import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyInstall } from '../../../scripts/install.mjs';

const WANTED = { dependencies: { ws: '^8.0.0' } };
const WS = { 'node_modules/ws': { version: '8.0.0', integrity: 'sha512-a' } };
const ELSEWHERE = { 'node_modules/for-another-system': { version: '1.0.0', optional: true } };

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-install-'));
  mkdirSync(join(root, 'node_modules', 'ws'), { recursive: true });
  write('package.json', WANTED);
  write('package-lock.json', { packages: { '': WANTED, ...WS, ...ELSEWHERE } });
  write('node_modules/.package-lock.json', { packages: WS });
});

afterEach(() => rmSync(root, { recursive: true }));

const write = (path: string, content: object): void => writeFileSync(join(root, path), JSON.stringify(content));

describe('packages are installed', () => {
  it('not if they are what the lock file says, but for those of other systems', () => {
    expect(whyInstall(root)).toBeUndefined();
  });

  it('where there are none', () => {
    rmSync(join(root, 'node_modules'), { recursive: true });
    expect(whyInstall(root)).toBe('there are none yet');
  });

  it('where an installation was broken off', () => {
    rmSync(join(root, 'node_modules', '.package-lock.json'));
    expect(whyInstall(root)).toBe('they are incomplete');
  });

  it.each([
    ['another version', { 'node_modules/ws': { version: '8.0.1', integrity: 'sha512-b' } }],
    ['another content', { 'node_modules/ws': { version: '8.0.0', integrity: 'sha512-b' } }],
    ['one more', { ...WS, 'node_modules/zod': { version: '4.0.0' } }],
  ])('where the lock file has %s', (_what, packages) => {
    write('package-lock.json', { packages: { '': WANTED, ...packages } });
    expect(whyInstall(root)).toBe('package-lock.json has changed');
  });

  it('where package.json asks for others', () => {
    write('package.json', { dependencies: { ws: '^9.0.0' } });
    expect(whyInstall(root)).toBe('package.json has changed');
  });

  it('where one was deleted', () => {
    rmSync(join(root, 'node_modules', 'ws'), { recursive: true });
    expect(whyInstall(root)).toBe('node_modules/ws is missing');
  });
});

describe('packages of a workspace', () => {
  const BENCH = { devDependencies: { socketio: '^4.0.0', ws: '^8.0.0' } };
  const SOCKETIO = { version: '4.0.0', integrity: 'sha512-s', dependencies: { engine: '~6.0.0' } };
  const ENGINE = { version: '6.0.0', integrity: 'sha512-e' };
  const THEIRS = { 'node_modules/socketio': SOCKETIO, 'node_modules/socketio/node_modules/engine': ENGINE };

  beforeEach(() => {
    mkdirSync(join(root, 'bench'));
    write('bench/package.json', BENCH);
    write('package-lock.json', { packages: { '': WANTED, bench: BENCH, 'node_modules/sluice-bench': { link: true }, ...WS, ...THEIRS } });
  });

  const install = (): void => {
    mkdirSync(join(root, 'node_modules', 'socketio', 'node_modules', 'engine'), { recursive: true });
    write('node_modules/.package-lock.json', { packages: { ...WS, ...THEIRS } });
  };

  it('may be missing where only those of the root are needed', () => {
    expect(whyInstall(root)).toBeUndefined();
  });

  it('may be there beside those of the root', () => {
    install();
    expect(whyInstall(root)).toBeUndefined();
  });

  it('are installed where the workspace is used', () => {
    expect(whyInstall(root, 'bench')).toBe('package-lock.json has changed');
    install();
    expect(whyInstall(root, 'bench')).toBeUndefined();
  });

  it('are installed where what one of them needs was deleted', () => {
    install();
    rmSync(join(root, 'node_modules', 'socketio', 'node_modules', 'engine'), { recursive: true });
    expect(whyInstall(root, 'bench')).toBe('node_modules/socketio/node_modules/engine is missing');
  });

  it('are installed where its package.json asks for others', () => {
    install();
    write('bench/package.json', { devDependencies: { ws: '^9.0.0' } });
    expect(whyInstall(root, 'bench')).toBe('bench/package.json has changed');
    expect(whyInstall(root)).toBeUndefined();
  });

  it('are those of the root too, where both need one', () => {
    rmSync(join(root, 'node_modules', 'ws'), { recursive: true });
    expect(whyInstall(root)).toBe('node_modules/ws is missing');
    expect(whyInstall(root, 'bench')).toBe('package-lock.json has changed');
  });
});
