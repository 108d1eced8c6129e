import { html, nothing, type TemplateResult } from 'lit';
import type { StreamDetail, StreamSample } from '../../src/protocol/stream-detail';
import type { StreamInfo } from '../../src/protocol/stream-info';
import { pageToken, relayUrl } from '../net/page-address';
import { formatBitrate, formatDuration } from '../words/format';
import { mediaWords } from '../words/media-words';
import './copy-line';
import { healthLine } from './health-line';
import { heatStrip } from './heat-strip';
import { heatOfSummary } from './lag-heat';
import { publisherHealth } from './publisher-health';
import { sparkline } from './sparkline';
import './stream-thumb';

/** What an administrator sees of a stream beyond what everybody does. */
export interface OperatorView {
  readonly samples: readonly StreamSample[];
  /** What was last asked about it; undefined before. */
  readonly detail: StreamDetail | undefined;
  readonly end: () => void;
}

/** One stream in the list. `now`: the relay's Unix time, ms. */
export function streamRow(stream: StreamInfo, now: number, operator?: OperatorView): TemplateResult {
  const { name, tracks, bitrate, viewers, since } = stream;
  return html`
    <li class=${operator === undefined ? 'card stream' : 'card stream operated'}>
      ${operator === undefined ? nothing : thumb(stream)}
      <div class="what">
        <div class="title">
          <h2>${name}</h2>
          ${stateBadge(stream.state)}
        </div>
        <p class="media">${mediaWords(tracks)}</p>
        ${operator === undefined ? nothing : howItDoes(stream, operator)}
      </div>
      <dl class="figures">
        <div><dt>Bitrate</dt><dd>${formatBitrate(bitrate)}</dd></div>
        <div><dt>Viewers</dt><dd>${viewers}</dd></div>
        <div><dt>Uptime</dt><dd>${formatDuration(now - since)}</dd></div>
        ${operator === undefined ? nothing : html`<div class="spark" aria-hidden="true">${sparkline(operator.samples)}</div>`}
      </dl>
      <div class="doings">
        <a class="button primary" href="watch/${name}${pageToken('?')}" aria-label="Watch ${name}">Watch</a>
        ${operator === undefined ? nothing : doings(name, operator)}
      </div>
      ${waysToWatch(stream)}
    </li>
  `;
}

/** Whether a stream is live, as a badge. */
export function stateBadge(state: StreamInfo['state']): TemplateResult {
  return html`<span class=${state === 'live' ? 'badge live' : 'badge away'}>${state === 'live' ? 'Live' : 'Publisher away'}</span>`;
}

/** The newest picture of a stream; nothing new while it is away, or once it is over. */
export function thumb({ name, state, tracks }: StreamInfo, over = false): TemplateResult {
  const hasVideo = tracks.some(({ kind }) => kind === 'video');
  return html`<stream-thumb name=${name} none=${hasVideo ? 'No picture yet' : 'Sound only'} ?paused=${over || state !== 'live' || !hasVideo}></stream-thumb>`;
}

function howItDoes({ state, viewers }: StreamInfo, { samples, detail }: OperatorView): TemplateResult {
  const { level, words } = publisherHealth({ state, samples, gop: detail?.gop });
  return html`
    <p class="how">${healthLine(level, words)}</p>
    ${viewers === 0 ? nothing : heatStrip(heatOfSummary(viewers, detail?.viewerSummary.behind ?? 0))}
  `;
}

function doings(name: string, { end }: OperatorView): TemplateResult {
  return html`
    <a class="button" href="streams/${name}${pageToken('?')}" aria-label="Details of ${name}">Details</a>
    <button type="button" class="button" aria-label="End ${name}" @click=${end}>End …</button>
  `;
}

function waysToWatch({ name, mime }: StreamInfo): TemplateResult {
  const socket = relayUrl(`watch/${name}`);
  const file = relayUrl(`watch/${name}.${mime.includes('/webm') ? 'webm' : 'mp4'}`);
  const element = `<sluice-video src="${socket.pathname}" muted autoplay controls></sluice-video>`;
  return html`
    <details>
      <summary>Other ways to watch</summary>
      <dl class="ways">
        <dt>For players such as VLC and ffplay (<a href=${file.pathname}>open here</a>)</dt>
        <dd><copy-line text=${file.href} label="the address for players"></copy-line></dd>
        <dt>Over a WebSocket</dt>
        <dd><copy-line text=${socket.href.replace(/^http/, 'ws')} label="the WebSocket address"></copy-line></dd>
        <dt>In a page of your own, which loads <code>${relayUrl('player/sluice-video.js').pathname}</code></dt>
        <dd><copy-line text=${element} label="the element"></copy-line></dd>
      </dl>
    </details>
  `;
}
