import { HEIGHT, WIDTH } from './clock.mjs';
import { decodeTo } from './web-codecs.mjs';

/** @typedef {import('./meter.mjs').GlassMeter} GlassMeter */

/**
 * Starts a player in this page, and lets the meter look at what it shows.
 * @typedef {(place: { url: string, sound: boolean, target?: string | undefined, meter: GlassMeter }) => void | Promise<void>} StartPlayer
 */

/** The libraries come as scripts, which leave their names with the window. */
const libraries = /** @type {Record<string, any>} */ (/** @type {unknown} */ (globalThis));

/** The players that are measured, in the page, as their own documentation has them for the least latency. @type {Record<string, StartPlayer>} */
export const PLAYERS = {
  sluice: async ({ url, target, meter }) => {
    await import(/** @type {string} */ ('/player/sluice-video.js'));
    const element = document.createElement('sluice-video');
    element.setAttribute('src', url);
    element.setAttribute('autoplay', '');
    if (target !== undefined) element.setAttribute('target-buffer', target);
    document.body.append(element);
    const video = element.shadowRoot?.querySelector('video');
    if (!video) throw new Error('Cannot find the video in <sluice-video>');
    meter.watch(video);
  },

  webCodecs: ({ url, meter }) => {
    const canvas = newCanvas();
    decodeTo(canvas, { url: webSocketUrl(url), drawn: () => meter.drawn(canvas, { inFrame: false }) });
  },

  mpegts: ({ url, sound, meter }) => {
    const video = newVideo();
    meter.watch(video);
    const { mpegts } = libraries;
    const player = mpegts.createPlayer(
      { type: 'flv', isLive: true, url: webSocketUrl(url), hasAudio: sound, hasVideo: true },
      { enableWorker: true, enableStashBuffer: false, lazyLoad: false, liveSync: true, liveSyncTargetLatency: 0.2, liveSyncMaxLatency: 0.3, liveSyncPlaybackRate: 1.1 },
    );
    player.attachMediaElement(video);
    player.load();
    void player.play();
  },

  jsmpeg: ({ url, meter }) => {
    const canvas = newCanvas();
    const { Player } = libraries['JSMpeg'];
    new Player(webSocketUrl(url), { canvas, audio: false, pauseWhenHidden: false, disableGl: true, onVideoDecode: () => meter.drawn(canvas, { inFrame: true }) });
  },

  hls: async ({ url, meter }) => {
    while (!(await fetch(url)).ok) await new Promise((resolve) => setTimeout(resolve, 100));
    const video = newVideo();
    meter.watch(video);
    const { Hls } = libraries;
    const hls = new Hls({ liveSyncDurationCount: 1, liveMaxLatencyDurationCount: 3, maxLiveSyncPlaybackRate: 1.1 });
    hls.loadSource(url);
    hls.attachMedia(video);
    void video.play();
  },
};

function newVideo() {
  const video = document.createElement('video');
  document.body.append(video);
  return video;
}

function newCanvas() {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  document.body.append(canvas);
  return canvas;
}

/** @param {string} path */
function webSocketUrl(path) {
  return `ws://${location.host}${path}`;
}
