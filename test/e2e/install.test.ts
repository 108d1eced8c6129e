import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/base/package';
import { eventually } from '../support/eventually';
import { type Running, start } from '../support/ffmpeg';
import { connectPublisher, send } from '../support/publishing';
import { sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
  /** A workspace, which is a folder of the project. */
  readonly link?: boolean;
}

const root = packageRoot();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> };
/** What `npm ci --workspaces=false --omit=dev` installs, by its path. */
const production = Object.entries(packages).filter(([path, { dev, link }]) => path.startsWith('node_modules/') && link !== true && dev !== true);

let folder: string | undefined;
let relay: Running | undefined;

afterAll(async () => {
  relay?.process.kill('SIGKILL');
  await relay?.ended;
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

describe('a production install', () => {
  it('runs no script of any package, so that none fetches anything', () => {
    expect(production.length).toBeGreaterThan(50);
    expect(production.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path)).toEqual([]);
  });

  it('has no package that reports installations: an empty one stands in its place', () => {
    const { overrides } = JSON.parse(read('package.json')) as { overrides: Record<string, string> };
    expect(overrides['@scarf/scarf']).toBe('npm:noop-package@1.0.0');
    const scarf = production.filter(([path]) => path.endsWith('/@scarf/scarf'));
    expect(scarf.map(([, locked]) => locked)).toEqual(scarf.map(() => expect.objectContaining({ name: 'noop-package', version: '1.0.0' }) as unknown));
  });

  it('has no folder of the workspaces, which only developers need', () => {
    const { files, workspaces } = JSON.parse(read('package.json')) as { files: string[]; workspaces: string[] };
    expect(workspaces).toContain('bench');
    expect(files.filter((path) => workspaces.includes(path))).toEqual([]);
  });

  it('is taken from whatever registry npm is set to: the lock file names none', () => {
    expect(Object.values(packages).filter(({ resolved, link }) => resolved !== undefined && link !== true)).toEqual([]);
  });

  it('is enough to publish and watch', async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-production-'));
    for (const path of ['package.json', 'bin', 'dist']) cpSync(join(root, path), join(folder, path), { recursive: true });
    for (const [path, { optional }] of production) {
      if (optional === true && !existsSync(join(root, path))) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      // Each package without those below it, which have entries of their own.
      cpSync(join(root, path), join(folder, path), { recursive: true, filter: (source) => source === join(root, path) || !source.slice(join(root, path).length).includes('/node_modules') });
    }
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'));
    relay = start(process.execPath, [join(folder, 'bin', 'sluice.js'), 'serve', '--port', '0', '--no-demo'], { ...Object.fromEntries(clean), NODE_ENV: 'production' });
    let printed = '';
    relay.process.stdout?.on('data', (text: string) => (printed += text));
    const failed = relay.ended.then(({ status, stderr }): never => {
      throw new Error(`The relay has ended with ${String(status)}: ${stderr}`);
    });
    const url = await Promise.race([eventually('it listens', () => /Dashboard +(http:\S+)\//.exec(printed)?.[1]), failed]);
    failed.catch(() => undefined);
    for (const path of ['/', '/health/ready', '/metrics', '/watch/cam']) expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
    const media = await sampleMedia();
    const publisher = await connectPublisher(url.replace('http', 'ws'), 'cam');
    await send(publisher, media.init, ...media.fragments.slice(0, 3));
    const viewer = await TestSocket.speaking(`${url.replace('http', 'ws')}/watch/cam`);
    await viewer.mediaOf(media.init.length + 1);
    for (const { socket } of [viewer, publisher]) socket.terminate();
  });
});

describe('the Dockerfile', () => {
  const lines = read('Dockerfile').split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('installs without scripts, without what only builds, and runs as a user who owns nothing', () => {
    const installs = lines.filter((line) => line.includes('npm ci'));
    expect(installs).toHaveLength(2);
    for (const line of installs) expect(line).toContain('--ignore-scripts');
    for (const line of installs) expect(line).toContain('--workspaces=false');
    expect(installs[1]).toContain('--omit=dev');
    expect(lines.filter((line) => line.startsWith('FROM')).map((line) => line.split(' ')[1])).toEqual(['node:20-bookworm-slim', 'node:20-bookworm-slim']);
    const user = lines.indexOf('USER node');
    expect(user).toBeGreaterThan(0);
    expect(lines.slice(user).some((line) => /^(COPY|RUN)/.test(line))).toBe(false);
    expect(lines.some((line) => line.includes('--chown'))).toBe(false);
  });

  it('copies only what is there', () => {
    for (const line of lines.filter((text) => text.startsWith('COPY --from=build'))) {
      for (const path of line.split(' ').slice(2, -1)) expect([line, existsSync(join(root, path.replace('/app/', '')))]).toEqual([line, true]);
    }
  });

  it('starts what listens for other machines, and so is refused without a rule of access', async () => {
    const entry = JSON.parse(lines.at(-1)!.replace('ENTRYPOINT ', '')) as string[];
    expect(entry.slice(0, 4)).toEqual(['node', 'bin/sluice.js', 'serve', '--no-supervise']);
    const { status, stderr } = await start(process.execPath, [join(root, entry[1]!), ...entry.slice(2), '--port', '0', '--no-demo']).ended;
    expect([status, stderr]).toEqual([1, expect.stringContaining('--insecure')]);
  });

  it('takes no key, certificate or environment along', () => {
    const left = read('.dockerignore').split('\n');
    for (const pattern of ['**/*.pem', '**/*.key', '**/keys.json', '**/.env', '.git', 'node_modules']) expect(left).toContain(pattern);
  });
});
