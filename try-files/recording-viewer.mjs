import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';

/**
 * What a viewer got of a timeline.
 * @typedef {object} RecordedEpoch
 * @property {string} mime
 * @property {string} path The file that it was written to.
 */

/** The code by which a viewer is closed that doesn't keep up. */
const TOO_SLOW = 4008;

/** A viewer of `sluice.v1` that keeps all that it gets. */
export class RecordingViewer {
  #socket;
  /** @type {{ name: string, mime: string, pieces: Buffer[] }[]} */
  #epochs = [];
  #initNext = false;
  #position = 0;

  /** Whether media was left out, since this machine was too slow. */
  skipped = false;
  /** When the first media came, ms; undefined before. @type {number | undefined} */
  begun;
  /** Resolves when it is over: with what the relay said of it. @type {Promise<string>} */
  over;

  /**
   * Resolves when the relay has said that it waits for the publisher.
   * @param {string} url of the relay
   * @param {string} name
   */
  static async open(url, name) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/watch/${name}`, ['sluice.v1']);
    const viewer = new RecordingViewer(socket);
    await new Promise((resolve, reject) => {
      socket.once('message', resolve);
      socket.once('error', reject);
    });
    return viewer;
  }

  /** @param {WebSocket} socket */
  constructor(socket) {
    this.#socket = socket;
    this.over = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        if (code === TOO_SLOW) this.skipped = true;
        resolve(String(reason));
      });
      socket.on('message', (data, isBinary) => {
        const bytes = /** @type {Buffer} */ (data);
        if (isBinary) this.#take(bytes);
        else this.#heed(JSON.parse(String(bytes)));
      });
    });
  }

  /** Leaves. May be called twice. */
  leave() {
    this.#socket.terminate();
  }

  /**
   * Writes each timeline to a file.
   * @param {string} folder
   * @returns {RecordedEpoch[]}
   */
  save(folder) {
    return this.#epochs
      .filter(({ pieces }) => pieces.length > 1)
      .map(({ mime, pieces }, at) => {
        const path = join(folder, `epoch-${at}.${mime.startsWith('video/webm') || mime.startsWith('audio/webm') ? 'webm' : 'mp4'}`);
        writeFileSync(path, Buffer.concat(pieces));
        return { mime, path };
      });
  }

  /** @param {Buffer} bytes */
  #take(bytes) {
    this.#epochs.at(-1)?.pieces.push(bytes);
    if (this.#initNext) {
      this.#initNext = false;
      return;
    }
    this.begun ??= performance.now();
    this.#position += bytes.length;
    this.#tell({ type: 'received', epoch: this.#epochs.at(-1)?.name, position: this.#position });
  }

  /** @param {{ type: string, id?: unknown, epoch?: string, mime?: string, position?: number }} message */
  #heed({ type, id, epoch = '', mime = '', position = 0 }) {
    if (type === 'sync') this.#tell({ type: 'ok', id });
    if (type === 'skip') this.skipped = true;
    if (type !== 'init') return;
    this.#epochs.push({ name: epoch, mime, pieces: [] });
    this.#initNext = true;
    this.#position = position;
  }

  /** @param {object} message */
  #tell(message) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
