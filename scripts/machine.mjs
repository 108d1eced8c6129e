import { existsSync, readFileSync } from 'node:fs';
import { findChromium, findFfmpeg, findOnPath, installedChromium, installedFfmpeg } from './programs.mjs';
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
 */

/**
 * The Debian packages that are missing, where they may be installed without asking.
 * @param {Machine} machine
 * @returns {string[]}
 */
export function missingPackages({ root, release, apt, ffmpeg, chromium }) {
  const debian = /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
  if (!root || !debian || !apt) return [];
  return [...(ffmpeg ? [] : ['ffmpeg']), ...(chromium ? [] : ['chromium'])];
}

/**
 * Installs ffmpeg and Chromium where they are missing and that may be done, and says which the tests will use.
 * @param {(line: string) => void} say
 */
export async function prepareMachine(say) {
  const packages = missingPackages({
    root: process.getuid?.() === 0,
    release: existsSync(RELEASE) ? readFileSync(RELEASE, 'utf8') : '',
    apt: findOnPath(['apt-get']) !== undefined,
    ffmpeg: installedFfmpeg() !== undefined,
    chromium: installedChromium() !== undefined,
  });
  if (packages.length > 0) await install(packages, say);
  const ffmpeg = findFfmpeg();
  if (ffmpeg === undefined) throw new Error('Cannot find ffmpeg: install it, or name it in FFMPEG_PATH');
  for (const [name, { path, from }] of Object.entries({ ffmpeg, Chromium: await findChromium() })) {
    say(`${name}: ${path}${from === 'package' ? ', the packaged one, since none is installed' : ''}`);
  }
}

/**
 * One by one: where one can't be had, the others may. The packaged programs stand in for those that fail.
 * @param {readonly string[]} packages
 * @param {(line: string) => void} say
 */
async function install(packages, say) {
  const options = { limit: LIMIT, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  say(`Installing ${packages.join(' and ')} with apt-get, since this is root on Debian or Ubuntu without`);
  await run('apt-get', ['update', '-q'], options);
  for (const name of packages) {
    const { ok, problem } = await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', name], options);
    if (!ok) say(`Cannot install ${name}: ${problem ?? 'apt-get failed, see above'}`);
  }
}
