import { html, type TemplateResult } from 'lit';
import type { StreamInfo } from '../../src/protocol/stream-info';
import { formatBitrate, formatDuration } from '../words/format';
import './copy-line';
import { mediaWords } from '../words/media-words';

/** One stream in the list. `now`: the relay's Unix time, ms. */
export function streamRow(stream: StreamInfo, now: number): TemplateResult {
  const { name, state, tracks, bitrate, viewers, since } = stream;
  const live = state === 'live';
  return html`
    <li class="card stream">
      <div class="what">
        <div class="title">
          <h2>${name}</h2>
          <span class=${live ? 'badge live' : 'badge away'}>${live ? 'Live' : 'Publisher away'}</span>
        </div>
        <p class="media">${mediaWords(tracks)}</p>
      </div>
      <dl class="figures">
        <div><dt>Bitrate</dt><dd>${formatBitrate(bitrate)}</dd></div>
        <div><dt>Viewers</dt><dd>${viewers}</dd></div>
        <div><dt>Uptime</dt><dd>${formatDuration(now - since)}</dd></div>
      </dl>
      <a class="button primary" href="/watch/${name}" aria-label="Watch ${name}">Watch</a>
      ${waysToWatch(stream)}
    </li>
  `;
}

function waysToWatch({ name, mime }: StreamInfo): TemplateResult {
  const { origin } = location;
  const file = `/watch/${name}.${mime.includes('/webm') ? 'webm' : 'mp4'}`;
  const element = `<sluice-video src="/watch/${name}" muted autoplay controls></sluice-video>`;
  return html`
    <details>
      <summary>Other ways to watch</summary>
      <dl class="ways">
        <dt>For players such as VLC and ffplay (<a href=${file}>open here</a>)</dt>
        <dd><copy-line text=${origin + file} label="the address for players"></copy-line></dd>
        <dt>Over a WebSocket</dt>
        <dd><copy-line text="${origin.replace(/^http/, 'ws')}/watch/${name}" label="the WebSocket address"></copy-line></dd>
        <dt>In a page of your own, which loads <code>/player/sluice-video.js</code></dt>
        <dd><copy-line text=${element} label="the element"></copy-line></dd>
      </dl>
    </details>
  `;
}
