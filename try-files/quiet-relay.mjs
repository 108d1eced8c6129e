import { built } from '../scripts/built.mjs';

/**
 * A line of a relay's log.
 * @typedef {object} LogLine
 * @property {string} level
 * @property {Record<string, unknown>} fields
 * @property {string} message
 */

/**
 * A relay of this process, on loopback and a free port, that keeps its log.
 * @typedef {object} QuietRelay
 * @property {string} url
 * @property {LogLine[]} logged
 * @property {() => Promise<void>} close
 */

/** How late receipts of viewers may be, ms. */
const PATIENCE = 60_000;

/**
 * @param {Record<string, unknown>} options As of its configuration.
 * @returns {Promise<QuietRelay>}
 */
export async function startQuietRelay(options = {}) {
  const { serve } = built('server/serve');
  const { toConfig } = built('config/config');
  // Comparisons keep this process busy for seconds, and its viewers with it: none of them lags for that.
  Object.assign(built('relay/relay-limits').DEFAULT_RELAY_LIMITS, { viewerLag: PATIENCE });
  /** @type {LogLine[]} */
  const logged = [];
  /** @param {string} level */
  const at = (level) => (/** @type {object} */ fields, /** @type {string} */ message) => void logged.push({ level, fields: { ...fields }, message });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const relay = await serve({ ...toConfig(), port: 0, demo: false, maxViewersPerAddress: Infinity, ...options }, log);
  return { url: relay.url, logged, close: () => relay.close() };
}
