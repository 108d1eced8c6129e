import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/free-port.mjs';
import { installWorkspace } from '../../scripts/install.mjs';
import { findOnPath, ROOT } from '../../scripts/programs.mjs';
import { postEach, publishOverSocket, publishRaw, pushOverHttp } from '../clients/publishers.mjs';
import { FLV_HEAD, flvTag } from './flv-media.mjs';
import { findNchan, nchanCommand } from './nchan.mjs';
import { ServerProcess } from './server-process.mjs';

/** @typedef {import('../clients/publishers.mjs').PublisherLink} PublisherLink */

/**
 * A server that is measured, and how to talk to it.
 * @typedef {object} Contestant
 * @property {string} name
 * @property {import('../clients/viewer.mjs').Dialect} dialect
 * @property {(place: Place) => Promise<ServerProcess>} start
 * @property {(stream: string, resume?: { epoch: string, position: number }) => string} watch The path at which a stream is watched.
 * @property {(port: number, stream: string) => Promise<PublisherLink>} publish
 * @property {{ head: Buffer, of: (piece: import('../media/live-media.mjs').Piece) => Buffer }} [form] Its own form of a stream, if it takes no MP4.
 * @property {readonly string[]} [only] The workloads that it can carry, if not all.
 */

/**
 * Where a server runs.
 * @typedef {object} Place
 * @property {number | undefined} core
 * @property {string} folder For its files.
 */

const HERE = import.meta.dirname;
/** What comes before a binary attachment in socket.io: an event with one, and where it is. */
const ATTACHMENT = '451-["media",{"_placeholder":true,"num":0}]';

/**
 * The flag of a relay that is measured as one process; a checkout from before there was a supervisor has none.
 * @param {string} root
 * @returns {readonly string[]}
 */
function alone(root) {
  return ['cli/supervise.js', 'supervise.js'].some((file) => existsSync(join(root, 'dist', 'server', file))) ? ['--no-supervise'] : [];
}

/**
 * Sluice as its package starts it.
 * @param {{ name?: string, root?: string, interval?: number | undefined, flags?: readonly string[], nodeFlags?: readonly string[] }} [options] `root` of a checkout that is built; `interval` in ms, else what the relay chooses.
 * @returns {Contestant}
 */
export function sluice({ name = 'Sluice', root = ROOT, interval, flags = [], nodeFlags = [] } = {}) {
  // All viewers come from one address. Another checkout may be older than the second of these.
  const limits = ['--max-viewers-per-address', '0', ...(root === ROOT ? ['--request-rate', '0'] : [])];
  return {
    name,
    dialect: 'sluice',
    start: ({ core, folder }) =>
      ServerProcess.start([process.execPath, ...nodeFlags, join(root, 'bin', 'sluice.js'), 'serve', ...alone(root), '--port', '0', '--no-demo', ...limits, ...flags], { core, cwd: folder }),
    watch: (stream, resume) => `/watch/${stream}?${query({ interval, ...resume })}`,
    publish: (port, stream) => pushOverHttp(port, `/publish/${stream}`),
  };
}

/** How often the metrics of a relay are read, ms: more often than Prometheus does. */
const SCRAPE = 1_000;

/**
 * Sluice as it stands on a public address: whoever publishes or watches needs a key, and its metrics are read every second of its turn.
 * @param {{ name: string, root: string, interval: number }} options
 * @returns {Contestant}
 */
export function guardedSluice({ name, root, interval }) {
  const key = randomBytes(32).toString('base64url');
  const permissions = { publish: ['*'], watch: [], admin: true };
  const open = sluice({ name, root, interval });
  return {
    ...open,
    start: (place) => {
      const file = join(place.folder, `${name.replaceAll(/\W/g, '-')}.json`);
      writeFileSync(file, JSON.stringify({ keys: [{ id: 'bench', hash: createHash('sha256').update(key).digest('hex'), ...permissions }] }), { mode: 0o600 });
      return sluice({ root, flags: ['--keys', file, '--private'] }).start(place);
    },
    watch: (stream, resume) => `${open.watch(stream, resume)}&token=${key}`,
    publish: async (port, stream) => {
      const link = await pushOverHttp(port, `/publish/${stream}?token=${key}`);
      const scrape = async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { Authorization: `Bearer ${key}` } });
        if (!(await answer.text()).includes('sluice_sent_bytes_total')) throw new Error(`The metrics answer ${answer.status}`);
      };
      const timer = setInterval(() => void scrape(), SCRAPE);
      return {
        send: link.send,
        end: () => {
          clearInterval(timer);
          return link.end();
        },
        destroy: () => {
          clearInterval(timer);
          link.destroy();
        },
        get closed() {
          return link.closed;
        },
      };
    },
  };
}

/** @param {Record<string, string | number | undefined>} fields */
function query(fields) {
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])).join('&');
}

/** @type {Contestant} */
export const naiveWs = {
  name: 'naive ws',
  dialect: 'plain',
  start: ({ core }) => ServerProcess.start([process.execPath, join(HERE, 'naive-ws.mjs')], { core }),
  watch: () => '/watch',
  publish: (port) => publishOverSocket(port, '/publish'),
};

/** @type {Contestant} */
const nestWs = {
  name: '@nestjs/platform-ws',
  dialect: 'plain',
  start: ({ core }) => ServerProcess.start([process.execPath, join(HERE, 'nest-ws.mjs')], { core }),
  watch: () => '/watch',
  publish: (port) => publishOverSocket(port, '/publish'),
};

/** @type {Contestant} */
const socketIo = {
  name: 'socket.io',
  dialect: 'engine',
  start: ({ core }) => ServerProcess.start([process.execPath, join(HERE, 'socket-io.mjs')], { core }),
  watch: () => '/socket.io/?EIO=4&transport=websocket',
  publish: (port) => publishOverSocket(port, '/socket.io/?EIO=4&transport=websocket', { hello: { text: '40', answer: '40{' }, prefix: ATTACHMENT }),
};

/** @type {Contestant} */
export const nodeMediaServer = {
  name: 'Node-Media-Server',
  dialect: 'plain',
  start: async ({ core, folder }) =>
    ServerProcess.start([process.execPath, join(HERE, 'node-media-server.mjs'), String(await freePort()), folder], { core, cwd: folder }),
  watch: (stream) => `/live/${stream}.flv`,
  publish: (port, stream) => pushOverHttp(port, `/live/${stream}.flv`, 'POST'),
  form: { head: FLV_HEAD, of: flvTag },
  only: ['W1', 'W2'],
};

/**
 * @param {{ nginx: string, module: string }} found
 * @returns {Contestant}
 */
function nchan(found) {
  return {
    name: 'nginx + nchan',
    dialect: 'plain',
    start: async ({ core, folder }) => {
      const port = await freePort();
      const server = await ServerProcess.start(nchanCommand(found, { port, folder }), { core, port });
      await listening(port);
      return server;
    },
    watch: (stream) => `/watch?id=${stream}`,
    publish: (port, stream) => postEach(port, `/publish?id=${stream}`),
  };
}

/** @type {Contestant} */
const sendLoop = {
  name: 'send() loop in C',
  dialect: 'raw',
  start: ({ core, folder }) => {
    const program = join(folder, 'send-loop');
    if (!existsSync(program)) execFileSync('cc', ['-O2', '-o', program, join(HERE, 'send-loop.c')]);
    return ServerProcess.start([program], { core });
  },
  watch: () => '',
  publish: (port) => publishRaw(port),
};

/** The names by which the peers of bench:fanout are chosen. */
export const PEER_NAMES = ['ws', 'nest', 'socket.io', 'nms', 'nchan', 'c'];

/**
 * The peers of those names that can be had here. What can't is said.
 * @param {readonly string[]} names
 * @param {(line: string) => void} say
 * @returns {Promise<Contestant[]>}
 */
export async function peersOf(names, say) {
  /** @type {Record<string, () => Contestant | undefined>} */
  const all = {
    ws: () => naiveWs,
    nest: () => nestWs,
    'socket.io': () => socketIo,
    nms: () => nodeMediaServer,
    nchan: () => nchanPeer(say),
    c: () => (findOnPath(['cc']) === undefined ? missing('a C compiler (cc)', say) : sendLoop),
  };
  if (names.some((name) => ['nest', 'socket.io', 'nms'].includes(name))) await installWorkspace('bench', say);
  return names.flatMap((name) => all[name]?.() ?? []);
}

/**
 * nginx with nchan, if it is installed.
 * @param {(line: string) => void} say
 */
export function nchanPeer(say) {
  const found = findNchan();
  return found === undefined ? missing('nginx with nchan (Debian: nginx-light, libnginx-mod-nchan)', say) : nchan(found);
}

/**
 * @param {string} what
 * @param {(line: string) => void} say
 * @returns {undefined}
 */
function missing(what, say) {
  say(`Not measured, since it isn't installed: ${what}`);
  return undefined;
}

/** Waits until a server that prints nothing answers. @param {number} port */
async function listening(port) {
  for (let tries = 0; tries < 100; tries++) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false);
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nginx does not listen');
}
