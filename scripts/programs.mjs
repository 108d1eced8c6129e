import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

/**
 * A program that was found.
 * @typedef {object} Program
 * @property {string} path
 * @property {'environment' | 'path' | 'package'} from Where it is from: a variable, PATH, or a package in node_modules.
 * @property {Record<string, string>} env What it needs in its environment.
 */

/** The folder with package.json. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { resolve } = createRequire(import.meta.url);

/**
 * The first of `names` that is a program in PATH.
 * @param {readonly string[]} names
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}
 */
export function findOnPath(names, env = process.env) {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/**
 * The ffmpeg that `FFMPEG_PATH` names, or that PATH has.
 * @param {NodeJS.ProcessEnv} env
 */
export function installedFfmpeg(env = process.env) {
  return installed('FFMPEG_PATH', ['ffmpeg'], env);
}

/**
 * The Chromium that `CHROMIUM_PATH` names, or that PATH has.
 * @param {NodeJS.ProcessEnv} env
 */
export function installedChromium(env = process.env) {
  return installed('CHROMIUM_PATH', ['chromium', 'chromium-browser', 'google-chrome'], env);
}

/**
 * The Firefox that `FIREFOX_PATH` names, or that PATH has.
 * @param {NodeJS.ProcessEnv} env
 */
export function findFirefox(env = process.env) {
  return installed('FIREFOX_PATH', ['firefox-esr', 'firefox'], env);
}

/** Where `npm test` puts nginx, which it doesn't install: an installed one would be started as a service. */
export const NGINX_FOLDER = join(ROOT, 'node_modules', '.cache', 'sluice-nginx');

/**
 * The nginx that `NGINX_PATH` names, that PATH or a folder for services has, or that `npm test` has unpacked.
 * @param {NodeJS.ProcessEnv} env
 */
export function findNginx(env = process.env) {
  const folders = [env['PATH'] ?? '', '/usr/sbin', '/usr/local/sbin', join(NGINX_FOLDER, 'usr', 'sbin')];
  return installed('NGINX_PATH', ['nginx'], { ...env, PATH: folders.join(delimiter) });
}

/**
 * The installed ffmpeg, or the build of 2018 in node_modules.
 * @param {NodeJS.ProcessEnv} env
 */
export function findFfmpeg(env = process.env) {
  return installedFfmpeg(env) ?? packagedFfmpeg();
}

/**
 * The installed Chromium, or the build in node_modules, which is unpacked when it is first used.
 * @param {NodeJS.ProcessEnv} env
 */
export async function findChromium(env = process.env) {
  return installedChromium(env) ?? (await packagedChromium(env));
}

/**
 * @param {string} variable
 * @param {readonly string[]} names
 * @param {NodeJS.ProcessEnv} env
 * @returns {Program | undefined}
 */
function installed(variable, names, env) {
  const named = env[variable];
  if (named !== undefined && named !== '') return { path: named, from: 'environment', env: {} };
  const path = findOnPath(names, env);
  return path === undefined ? undefined : { path, from: 'path', env: {} };
}

/** @returns {Program | undefined} */
function packagedFfmpeg() {
  try {
    // The package of this platform lies beside the one that chooses it.
    const packages = dirname(dirname(dirname(resolve('@ffmpeg-installer/ffmpeg/package.json'))));
    const path = join(packages, '@ffmpeg-installer', `${process.platform}-${process.arch}`, process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg');
    return isExecutable(path) ? { path, from: 'package', env: {} } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Unpacks Chromium, its shared libraries and its fonts into node_modules, once.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Program>}
 */
async function packagedChromium(env) {
  const folder = join(ROOT, 'node_modules', '.cache', 'sluice-chromium');
  if (!existsSync(join(folder, 'chromium'))) await unpackChromium(folder);
  const libraries = [join(folder, 'al2023', 'lib'), ...(env['LD_LIBRARY_PATH'] ? [env['LD_LIBRARY_PATH']] : [])];
  return {
    path: join(folder, 'chromium'),
    from: 'package',
    env: {
      LD_LIBRARY_PATH: libraries.join(delimiter),
      ...(existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') }),
    },
  };
}

/**
 * The package unpacks itself into the folder for temporary files, and its libraries only where it takes the machine for AWS Lambda.
 * @param {string} folder
 */
async function unpackChromium(folder) {
  const main = resolve('@sparticuz/chromium');
  const work = await mkdtemp(join(ROOT, 'node_modules', '.unpacking-'));
  const unpack = `require(${JSON.stringify(main)}).executablePath().catch((error) => { console.error(error); process.exitCode = 1; })`;
  await promisify(execFile)(process.execPath, ['-e', unpack], { env: { ...process.env, TMPDIR: work, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' } });
  const fonts = join(work, 'fonts', 'fonts.conf');
  await writeFile(fonts, (await readFile(fonts, 'utf8')).replaceAll('/tmp/fonts', join(folder, 'fonts')));
  await putInPlace(work, folder);
}

/**
 * Whoever is first wins: several processes may unpack at once.
 * @param {string} work
 * @param {string} folder
 */
async function putInPlace(work, folder) {
  await mkdir(dirname(folder), { recursive: true });
  try {
    await rename(work, folder);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    if (!existsSync(join(folder, 'chromium'))) throw error;
  }
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
