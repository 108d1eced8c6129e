import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ROOT } from './programs.mjs';
import { run } from './run.mjs';

const LIMIT = 10 * 60_000;
/** As package.json has it under `engines`. */
const OLDEST_NODE = '20.19';

/** How npm is asked for the packages of the root, and for those that a workspace needs besides: no test waits for what only a bench needs. */
const ROOT_ONLY = ['ci', '--workspaces=false'];
const ADDING = ['install', '--no-save', '--workspace'];
/** Whatever the environment leaves out elsewhere: what builds Sluice is a development dependency. */
const ALWAYS = ['--include=dev', '--include=optional', '--no-audit', '--no-fund'];

/**
 * What the lock file and npm's own record of node_modules say of a package.
 * @typedef {Partial<Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>>} Wanted
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean, peerDependencies?: Record<string, string> } & Wanted} LockedPackage
 */

/**
 * Installs the packages of the root if node_modules isn't what package-lock.json says. Throws if that fails, or if this Node is too old.
 * @param {(line: string) => void} say
 */
export async function installMissing(say) {
  if (process.versions.node.localeCompare(OLDEST_NODE, 'en', { numeric: true }) < 0) {
    throw new Error(`Sluice needs Node ${OLDEST_NODE} or newer, and this is ${process.versions.node}: install it from https://nodejs.org`);
  }
  const reason = whyInstall(ROOT);
  if (reason === undefined) return;
  say(`Installing packages: ${reason}`);
  await npm([...ROOT_ONLY, ...ALWAYS]);
}

/**
 * Installs what a workspace needs besides the packages of the root, which stay, if it isn't there. Throws if that fails.
 * @param {string} workspace Its folder.
 * @param {(line: string) => void} say
 */
export async function installWorkspace(workspace, say) {
  const reason = whyInstall(ROOT, workspace);
  if (reason === undefined) return;
  say(`Installing the packages of ${workspace}/: ${reason}`);
  await npm([...ADDING, workspace, ...ALWAYS, '--ignore-scripts']);
}

/** @param {readonly string[]} args */
async function npm(args) {
  const path = process.env['npm_execpath'];
  const byNode = path !== undefined && path.endsWith('.js');
  const { ok, problem } = byNode ? await run(process.execPath, [path, ...args], { limit: LIMIT }) : await run('npm', args, { limit: LIMIT });
  if (!ok) throw new Error(`Cannot install the packages: ${problem ?? `npm ${args[0]} failed, see above`}`);
}

/**
 * Why packages must be installed, in words; `undefined` if they are as they should be.
 * @param {string} root
 * @param {string} [workspace] Whose packages they are; without, they are those of the root, where workspaces may have theirs or not.
 * @returns {string | undefined}
 */
export function whyInstall(root, workspace) {
  const modules = join(root, 'node_modules');
  if (!existsSync(modules)) return 'there are none yet';
  // npm writes it last, so that an installation that was broken off has none.
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return 'they are incomplete';
  const locked = packagesIn(join(root, 'package-lock.json'));
  const owner = workspace ?? '';
  if (!isDeepStrictEqual(wanted(json(join(root, owner, 'package.json'))), wanted(locked[owner] ?? {}))) return `${join(owner, 'package.json')} has changed`;
  const installed = packagesIn(record);
  const needed = workspace === undefined ? packagesOfRoot(locked) : reachable(locked, workspace);
  for (const path of needed) {
    const { version, integrity, optional } = locked[path] ?? {};
    const present = installed[path];
    // An optional package is left out where it isn't for this platform.
    if (present === undefined && optional === true) continue;
    if (present?.version !== version || present?.integrity !== integrity) return 'package-lock.json has changed';
    if (!existsSync(join(root, path))) return `${path} is missing`;
  }
  return undefined;
}

/**
 * All packages but those that only workspaces need.
 * @param {Record<string, LockedPackage>} locked
 */
function packagesOfRoot(locked) {
  const workspaces = Object.keys(locked).filter((path) => path !== '' && !path.includes('node_modules/'));
  const theirs = new Set(workspaces.flatMap((workspace) => [...reachable(locked, workspace)]));
  for (const path of reachable(locked, '')) theirs.delete(path);
  return Object.keys(locked).filter((path) => path !== '' && !workspaces.includes(path) && locked[path]?.link !== true && !theirs.has(path));
}

/**
 * The packages that one needs, and what those need in turn, by their paths.
 * @param {Record<string, LockedPackage>} locked
 * @param {string} owner
 */
function reachable(locked, owner) {
  /** @type {Set<string>} */
  const found = new Set();
  const queue = [{ path: owner, names: Object.keys({ ...locked[owner]?.devDependencies, ...needsOf(locked[owner]) }) }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const name of next.names) {
      const path = resolveIn(locked, next.path, name);
      if (path === undefined || found.has(path)) continue;
      found.add(path);
      queue.push({ path, names: Object.keys(needsOf(locked[path])) });
    }
  }
  return found;
}

/** @param {LockedPackage | undefined} description */
function needsOf({ dependencies, optionalDependencies, peerDependencies } = {}) {
  return { ...dependencies, ...optionalDependencies, ...peerDependencies };
}

/**
 * Where Node finds a package: beside who asks, or in a folder above. Nowhere, if it is a peer that may be missing.
 * @param {Record<string, LockedPackage>} locked
 * @param {string} from
 * @param {string} name
 */
function resolveIn(locked, from, name) {
  for (let folder = from; ; folder = folder.includes('/') ? dirname(folder) : '') {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in locked) return path;
    if (folder === '') return undefined;
  }
}

/**
 * @param {string} path
 * @returns {Record<string, LockedPackage>}
 */
function packagesIn(path) {
  return json(path).packages ?? {};
}

/** @param {string} path */
function json(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** @param {Wanted} description */
function wanted({ dependencies = {}, devDependencies = {}, optionalDependencies = {} }) {
  return { dependencies, devDependencies, optionalDependencies };
}
