import { html, nothing, type TemplateResult } from 'lit';
import type { StreamDetail } from '../../src/protocol/stream-detail';
import type { StreamInfo } from '../../src/protocol/stream-info';
import type { ViewerInfo, ViewerList } from '../../src/protocol/viewer-info';
import { pageToken } from '../net/page-address';
import { formatBitrate, formatBytes, formatDuration, formatSeconds, plural } from '../words/format';
import { droppedWords, mediaWords, stoppedWords } from '../words/media-words';
import { eventList } from './event-list';
import type { Happening } from './event-words';
import { healthLine } from './health-line';
import { heatStrip } from './heat-strip';
import { heatOf } from './lag-heat';
import { type MediaWarning, mediaWarnings } from './media-warnings';
import { average, publisherHealth } from './publisher-health';
import './rate-chart';
import { isDetail } from './stream-answer';
import { thumb } from './stream-row';
import { orderViewers, type ViewerKey, type ViewerOrder } from './viewer-order';
import { viewerTable } from './viewer-table';

const DOORS: Readonly<Record<NonNullable<StreamDetail['publisher']>['transport'], string>> = { websocket: 'WebSocket', http: 'HTTP push', source: 'Source of this relay' };
/** More rows are of no use to anybody, and slow. */
const SHOWN = 200;

/** One stream as its page shows it. */
interface StreamPicture {
  readonly stream: StreamInfo | StreamDetail;
  readonly viewers: ViewerList | undefined;
  /** It is over, or cannot be asked about: what is shown is how it stood. */
  readonly stale: boolean;
  readonly events: readonly Happening[];
  readonly order: ViewerOrder;
  /** The relay's Unix time, ms. */
  readonly now: number;
  readonly sort: (by: ViewerKey) => void;
  readonly disconnect: (viewer: ViewerInfo) => void;
  readonly end: () => void;
}

/** Everything that is known of one stream. */
export function streamView(picture: StreamPicture): TemplateResult {
  const { stream, stale } = picture;
  const detail = isDetail(stream) ? stream : undefined;
  return html`
    <div class=${stale ? 'whole stale' : 'whole'}>
      <section class="card glance" aria-label="At a glance">
        ${detail === undefined ? nothing : thumb(stream, stale)}
        <div class="told-of">
          ${figures(stream, picture.now)} ${detail === undefined ? nothing : publisher(detail, picture.now)}
          ${stale ? nothing : doings(picture, detail !== undefined)}
        </div>
      </section>
      ${detail === undefined ? nothing : mediaWarnings(detail).map(mediaWarning)}
      ${detail === undefined ? nothing : everything(detail, picture)}
    </div>
  `;
}

function mediaWarning({ title, text, command }: MediaWarning): TemplateResult {
  return html`<div class="notice warn"><strong>${title}</strong><p>${text} <code>${command}</code></p></div>`;
}

function figures({ bitrate, viewers, since, tracks }: StreamInfo, now: number): TemplateResult {
  return html`
    <dl class="figures">
      <div><dt>Bitrate</dt><dd>${formatBitrate(bitrate)}</dd></div>
      <div><dt>Viewers</dt><dd>${viewers}</dd></div>
      <div><dt>Uptime</dt><dd>${formatDuration(now - since)}</dd></div>
      <div class="wide"><dt>Media</dt><dd>${mediaWords(tracks)}</dd></div>
    </dl>
  `;
}

function publisher(detail: StreamDetail, now: number): TemplateResult {
  const { publisher: who, gop, epoch, history } = detail;
  const { level, words } = publisherHealth({ state: detail.state, samples: history, gop });
  const from = who?.address === undefined ? '' : ` from ${who.address}`;
  return html`
    <dl class="facts">
      <div><dt>Publisher</dt><dd>${healthLine(level, words)}</dd></div>
      ${detail.stopped === undefined ? nothing : html`<div><dt>Stopped</dt><dd>${healthLine('warn', stoppedWords(detail.stopped))}</dd></div>`}
      <div><dt>Came</dt><dd>${who === undefined ? 'Away' : `${DOORS[who.transport]}${from}, ${formatDuration(now - who.since)} ago`}</dd></div>
      <div><dt>Average bitrate</dt><dd>${formatBitrate(average(history))}</dd></div>
      <div><dt>Keyframe every</dt><dd>${formatSeconds(gop)}</dd></div>
      ${who?.lag === undefined ? nothing : html`<div><dt>Camera to relay</dt><dd>${formatSeconds(who.lag)}</dd></div>`}
      ${detail.dropped === undefined ? nothing : html`<div><dt>Not passed on</dt><dd>${droppedWords(detail.dropped)}</dd></div>`}
      <div><dt>Held for newcomers</dt><dd>${formatBytes(epoch.heldBytes)}</dd></div>
    </dl>
  `;
}

function doings({ stream: { name }, end }: StreamPicture, operates: boolean): TemplateResult {
  return html`
    <div class="doings">
      <a class="button primary" href="watch/${name}${pageToken('?')}">Watch</a>
      ${operates ? html`<button type="button" class="button" @click=${end}>End stream …</button>` : nothing}
    </div>
  `;
}

function everything({ history, viewerSummary }: StreamDetail, picture: StreamPicture): TemplateResult {
  return html`
    <section class="card" aria-labelledby="chart-title">
      <div class="head">
        <h2 id="chart-title">Last two minutes</h2>
        <span class="key"><span class="rate">Bitrate</span> <span class="count">Viewers</span></span>
      </div>
      <rate-chart .samples=${history}></rate-chart>
    </section>
    <section class="card" aria-labelledby="viewers-title">
      <h2 id="viewers-title">Viewers</h2>
      ${viewers(picture, viewerSummary)}
    </section>
    <section class="card" aria-labelledby="events-title">
      <h2 id="events-title">Recent events</h2>
      ${eventList(picture.events)}
    </section>
  `;
}

function viewers({ viewers: list, order, now, sort, disconnect }: StreamPicture, { skips, skippedBytes, maxLag }: StreamDetail['viewerSummary']): TemplateResult {
  if (list === undefined || list.total === 0) return html`<p class="quiet">Nobody watches.</p>`;
  const shown = orderViewers(list.viewers, order).slice(0, SHOWN);
  const skipped = skips === 0 ? 'nothing was skipped for them' : `${plural(skips, 'skip')} for them, ${formatBytes(skippedBytes)} in all`;
  return html`
    ${heatStrip(heatOf(list.viewers))}
    <p class="quiet">Largest lag ${formatSeconds(maxLag)}; ${skipped}.</p>
    ${viewerTable(shown, { order, now, sort, disconnect })}
    ${shown.length < list.total ? html`<p class="quiet">${shown.length} of ${list.total} are shown.</p>` : nothing}
  `;
}
