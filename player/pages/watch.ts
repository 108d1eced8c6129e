import 'media-chrome';
import type { TrackInfo } from '../../src/protocol/watch-message';
import { pageStream, pageToken, relayUrl } from '../net/page-address';
import { SluiceVideoElement } from '../video/sluice-video';
import type { PlayerStateName } from '../video/player-state';
import { codecName } from '../words/media-words';
import { find } from './elements';

/** How often the figures are shown anew, ms. */
const REFRESH = 500;

/** The states on the badge. */
const LABELS: Readonly<Record<PlayerStateName, string>> = {
  idle: 'Off',
  connecting: 'Connecting',
  reconnecting: 'Reconnecting',
  waiting: 'Waiting',
  live: 'Live',
  behind: 'Behind',
  paused: 'Paused',
  stalled: 'Stalled',
  ended: 'Ended',
  unsupported: 'Not supported',
  failed: 'Failed',
};

const name = pageStream();
const video = find('video', SluiceVideoElement);
const unmute = find('unmute');
const live = find('live');

document.title = `${name} · Sluice`;
find('name').textContent = name;

function showState(): void {
  showLive();
  const badge = find('state');
  badge.textContent = LABELS[video.state];
  badge.className = video.state === 'live' ? 'badge live' : 'badge';
}

function showFigures(): void {
  const { latency, videoWidth, videoHeight, mime, tracks } = video;
  find('latency').textContent = video.state === 'live' && !Number.isNaN(latency) ? `${latency.toFixed(2)} s` : '–';
  find('picture').textContent = videoWidth > 0 ? `${videoWidth} × ${videoHeight}` : '–';
  find('codecs').textContent = tracks.length > 0 ? tracks.map(({ codec }) => codecName(codec)).join(' + ') : '–';
  find('ffplay').textContent = `ffplay ${relayUrl(`watch/${name}.${mime.includes('/webm') ? 'webm' : 'mp4'}`).href}`;
  unmute.hidden = !(video.muted && hasSound(tracks));
  showLive();
}

/** The button that tells how far behind the picture is, and goes to the live edge. */
function showLive(): void {
  const isLive = video.state === 'live';
  live.classList.toggle('is-live', isLive);
  live.textContent = video.lag > 0 ? `−${Math.round(video.lag)} s` : 'Live';
  live.setAttribute('aria-label', video.lag > 0 ? `Go to live: ${Math.round(video.lag)} s behind` : 'Live');
}

function hasSound(tracks: readonly TrackInfo[]): boolean {
  return tracks.some(({ kind }) => kind === 'audio');
}

find('embed').textContent = [
  `<script type="module" src="${relayUrl('player/sluice-video.js').pathname}"></script>`,
  `<sluice-video src="${relayUrl(`watch/${name}`).pathname}" muted autoplay controls></sluice-video>`,
].join('\n');
unmute.querySelector('button')?.addEventListener('click', () => {
  video.muted = false;
  unmute.hidden = true;
});
live.addEventListener('click', () => void video.seekToLive());
// The element heeds the key where it has the focus; here it is what the page is about.
document.addEventListener('keydown', (event) => {
  if (event.key === 's' && !event.ctrlKey && !event.metaKey && !event.altKey && !event.composedPath().includes(video)) video.toggleStats();
});
video.addEventListener('statechange', showState);
video.src = `watch/${name}${pageToken('?')}`;
showState();
showFigures();
setInterval(showFigures, REFRESH);
