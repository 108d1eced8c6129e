import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installWorkspace } from '../../scripts/install.mjs';
import { nodeMediaServer, sluice } from '../servers/contestants.mjs';
import { ServerProcess } from '../servers/server-process.mjs';
import { CODECS, FRAME_RATE } from './camera.mjs';

/**
 * A player with its server, as bench:glass measures them.
 * @typedef {object} GlassContestant
 * @property {string} name
 * @property {boolean} sound
 * @property {string} server Contestants of the same one share it.
 * @property {(folder: string) => Promise<ServerProcess>} start
 * @property {string} player One of players.mjs.
 * @property {string | undefined} [target] The `target-buffer` of Sluice's player, if not its own choice.
 * @property {string} [library] The script that the player needs, of a package.
 * @property {(stream: string) => string} watch The path at which a stream is watched.
 * @property {(place: { port: number, folder: string, stream: string }) => readonly string[]} output The end of ffmpeg's command line.
 */

const HERE = import.meta.dirname;
const { resolve } = createRequire(import.meta.url);
const FRAGMENTS = ['-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', '-flush_packets', '1', '-send_expect_100', '1'];
const FLV = ['-flvflags', 'no_duration_filesize', '-f', 'flv', '-flush_packets', '1'];
const TS = ['-f', 'mpegts', '-flush_packets', '1', '-muxdelay', '0', '-muxpreload', '0'];
/** jsmpeg decodes no later codec. */
const MPEG1 = ['-c:v', 'mpeg1video', '-bf', '0', '-g', String(FRAME_RATE), '-b:v', '2M'];
const HLS = ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '5', '-hls_flags', 'delete_segments+omit_endlist'];

/** The names by which the peers of bench:glass are chosen. */
export const GLASS_PEERS = ['webcodecs', 'mpegts', 'jsmpeg', 'hls'];

/** Sluice's cases, by the names of --only. @type {Record<string, { name: string, sound: boolean, codecs: readonly string[] }>} */
export const CASES = {
  aac: { name: 'Sluice, with sound', sound: true, codecs: CODECS.h264WithAac },
  opus: { name: 'Sluice, with Opus', sound: true, codecs: CODECS.h264WithOpus },
  silent: { name: 'Sluice, video only', sound: false, codecs: CODECS.h264 },
};

/**
 * The name of what stands twice beside the others: how far equal things lie apart is the noise.
 * @param {string} name
 */
export function again(name) {
  return `${name}, again`;
}

/**
 * Sluice's cases of those names.
 * @param {readonly string[]} names
 * @param {{ root: string, twice: boolean, target: string | undefined }} options `root` of the built checkout; `twice` those that peers are compared with.
 * @returns {GlassContestant[]}
 */
export function sluices(names, { root, twice, target }) {
  return names.flatMap((each) => {
    const found = CASES[each];
    if (found === undefined) return [];
    const all = twice && each !== 'opus' ? [found.name, again(found.name)] : [found.name];
    return all.map((name) => ({ ...overSluice(root, { ...found, name, player: 'sluice' }), target }));
  });
}

/**
 * The peers of those names.
 * @param {readonly string[]} names
 * @param {{ root: string, say: (line: string) => void }} options
 * @returns {Promise<GlassContestant[]>}
 */
export async function glassPeers(names, { root, say }) {
  /** @type {Record<string, GlassContestant>} */
  const all = {
    webcodecs: overSluice(root, { name: 'WebCodecs on a canvas', sound: false, codecs: CODECS.h264, player: 'webCodecs' }),
    mpegts: {
      name: 'mpegts.js, Node-Media-Server',
      sound: true,
      server: nodeMediaServer.name,
      start: (folder) => nodeMediaServer.start({ core: undefined, folder }),
      player: 'mpegts',
      library: 'mpegts.js/dist/mpegts.js',
      watch: nodeMediaServer.watch,
      output: ({ port, stream }) => [...CODECS.h264WithAac, ...FLV, `http://127.0.0.1:${port}${nodeMediaServer.watch(stream)}`],
    },
    jsmpeg: {
      name: 'jsmpeg, its relay',
      sound: false,
      server: 'jsmpeg',
      start: () => ServerProcess.start([process.execPath, join(HERE, 'jsmpeg-relay.mjs')], { core: undefined }),
      player: 'jsmpeg',
      library: '@cycjimmy/jsmpeg-player/dist/jsmpeg-player.umd.min.js',
      watch: () => '/',
      output: ({ port }) => [...MPEG1, ...TS, `http://127.0.0.1:${port}/`],
    },
    hls: {
      name: 'hls.js, HLS of ffmpeg',
      sound: true,
      server: 'files',
      start: (folder) => ServerProcess.start([process.execPath, join(HERE, 'file-server.mjs'), folder], { core: undefined }),
      player: 'hls',
      library: 'hls.js/dist/hls.min.js',
      watch: (stream) => `/${stream}.m3u8`,
      output: ({ folder, stream }) => [...CODECS.h264WithAac, ...HLS, join(folder, `${stream}.m3u8`)],
    },
  };
  const chosen = names.flatMap((name) => all[name] ?? []);
  if (chosen.some(({ library }) => library !== undefined)) await installWorkspace('bench', say);
  return chosen;
}

/**
 * Where the script of a contestant's library is, if it needs one.
 * @param {GlassContestant} contestant
 */
export function libraryFile({ library }) {
  // In whichever folder npm has put it; not every package exports its script for pages.
  return library === undefined ? undefined : resolve.paths(library)?.map((folder) => join(folder, library)).find(existsSync);
}

/**
 * @param {string} root
 * @param {{ name: string, sound: boolean, codecs: readonly string[], player: string }} options
 * @returns {GlassContestant}
 */
function overSluice(root, { name, sound, codecs, player }) {
  const relay = sluice({ root });
  return {
    name,
    sound,
    server: relay.name,
    start: (folder) => relay.start({ core: undefined, folder }),
    player,
    watch: (stream) => `/watch/${stream}`,
    output: ({ port, stream }) => [...codecs, ...FRAGMENTS, `http://127.0.0.1:${port}/publish/${stream}`],
  };
}
