import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findChromium, findFfmpeg, findFirefox, findNginx, findOnPath, installedChromium, installedFfmpeg, NGINX_FOLDER } from './programs.mjs';
import { run } from './run.mjs';

const LIMIT = 5 * 60_000;
const RELEASE = '/etc/os-release';

/**
 * What decides whether programs may be installed.
 * @typedef {object} Machine
 * @property {boolean} root This process may install them.
 * @property {string} release What stands in /etc/os-release; empty if there is none.
 * @property {boolean} apt There is an apt-get.
 * @property {boolean} ffmpeg There is an ffmpeg besides the packaged one.
 * @property {boolean} chromium There is a Chromium besides the packaged one.
 * @property {boolean} firefox There is a Firefox; none is packaged.
 */

/**
 * The Debian packages that are missing, where they may be installed without asking.
 * @param {Machine} machine
 * @returns {string[]}
 */
export function missingPackages({ ffmpeg, chromium, firefox, ...machine }) {
  if (!mayInstall(machine)) return [];
  return [...(ffmpeg ? [] : ['ffmpeg']), ...(chromium ? [] : ['chromium']), ...(firefox || !isDebian(machine) ? [] : ['firefox-esr'])];
}

/**
 * What is like it may have no firefox-esr; and the `firefox` of Ubuntu is a snap, which runs in few containers.
 * @param {Pick<Machine, 'release'>} machine
 */
function isDebian({ release }) {
  return /^ID=("?)debian\1$/m.test(release);
}

/** @param {Pick<Machine, 'root' | 'release' | 'apt'>} machine */
function mayInstall({ root, release, apt }) {
  return root && apt && /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
}

/**
 * Installs ffmpeg, Chromium and Firefox where they are missing and that may be done, and says which the tests will use.
 * @param {(line: string) => void} say
 */
export async function prepareMachine(say) {
  const machine = {
    root: process.getuid?.() === 0,
    release: existsSync(RELEASE) ? readFileSync(RELEASE, 'utf8') : '',
    apt: findOnPath(['apt-get']) !== undefined,
  };
  const packages = missingPackages({
    ...machine,
    ffmpeg: installedFfmpeg() !== undefined,
    chromium: installedChromium() !== undefined,
    firefox: findFirefox() !== undefined,
  });
  if (packages.length > 0) await install(packages, say);
  if (mayInstall(machine) && findNginx() === undefined) await unpackNginx(say);
  const ffmpeg = findFfmpeg();
  if (ffmpeg === undefined) throw new Error('Cannot find ffmpeg: install it, or name it in FFMPEG_PATH');
  for (const [name, { path, from }] of Object.entries({ ffmpeg, Chromium: await findChromium() })) {
    say(`${name}: ${path}${from === 'package' ? ', the packaged one, since none is installed' : ''}`);
  }
  say(`Firefox: ${findFirefox()?.path ?? 'none, so its tests are skipped'}`);
}

/**
 * One by one: where one can't be had, the others may. The packaged programs stand in for those that fail; where there are none, tests are skipped.
 * @param {readonly string[]} packages
 * @param {(line: string) => void} say
 */
async function install(packages, say) {
  const options = { limit: LIMIT, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  say(`Installing ${packages.join(', ')} with apt-get, since this is root on Debian or Ubuntu without`);
  await run('apt-get', ['update', '-q'], options);
  for (const name of packages) {
    const { ok, problem } = await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', name], options);
    if (!ok) say(`Cannot install ${name}: ${problem ?? 'apt-get failed, see above'}`);
  }
}

/**
 * For the test of what docs/tls.md says of it. Only unpacked: once installed, Debian would start it.
 * @param {(line: string) => void} say
 */
async function unpackNginx(say) {
  const work = mkdtempSync(join(tmpdir(), 'sluice-nginx-'));
  const execute = promisify(execFile);
  const options = { cwd: work, timeout: LIMIT };
  try {
    await execute('apt-get', ['update', '-q'], options);
    // Without that user apt-get has no place to write to, and says so.
    await execute('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', 'nginx'], options);
    const [file] = readdirSync(work).filter((name) => name.endsWith('.deb'));
    if (file === undefined) throw new Error('apt-get has downloaded nothing');
    mkdirSync(NGINX_FOLDER, { recursive: true });
    await execute('dpkg-deb', ['--extract', file, NGINX_FOLDER], options);
    await execute(findNginx()?.path ?? 'nginx', ['-v'], options);
  } catch (error) {
    rmSync(NGINX_FOLDER, { recursive: true, force: true });
    say(`Cannot unpack nginx: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
