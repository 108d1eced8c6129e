import { html, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ViewerInfo } from '../../src/protocol/viewer-info';
import { formatBytes, formatDuration, formatSeconds } from '../words/format';
import { viewerHeat } from './lag-heat';
import type { ViewerKey, ViewerOrder } from './viewer-order';

const TRANSPORTS: Readonly<Record<ViewerInfo['transport'], string>> = { 'sluice.v1': 'WebSocket', websocket: 'plain WebSocket', progressive: 'HTTP', hls: 'HLS' };
const STATES: Readonly<Record<ViewerInfo['state'], string>> = { open: 'On time', waiting: 'Waiting', behind: 'Behind', paused: 'Paused' };

/** How the table is shown, and what can be done in it. */
interface ViewerTableOptions {
  readonly order: ViewerOrder;
  /** The relay's Unix time, ms. */
  readonly now: number;
  readonly sort: (by: ViewerKey) => void;
  readonly disconnect: (viewer: ViewerInfo) => void;
}

/** A stream's viewers, in the order given. The roles are said aloud because the style sheet makes cards of the rows where it is narrow. */
export function viewerTable(viewers: readonly ViewerInfo[], options: ViewerTableOptions): TemplateResult {
  return html`
    <table class="viewers" role="table" aria-labelledby="viewers-title">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col" class="plain">Viewer</th>
          <th role="columnheader" scope="col" class="plain">State</th>
          ${sortable('lag', 'Lag', options)} ${sortable('skips', 'Skips', options)}
          <th role="columnheader" scope="col" class="plain">Reports</th>
          ${sortable('since', 'Here for', options)}
          <th role="columnheader" scope="col" class="plain"><span class="unseen">Action</span></th>
        </tr>
      </thead>
      <tbody role="rowgroup">${repeat(viewers, ({ id }) => id, (viewer) => row(viewer, options))}</tbody>
    </table>
  `;
}

function sortable(by: ViewerKey, words: string, { order, sort }: ViewerTableOptions): TemplateResult {
  const sorted = order.by !== by ? 'none' : order.descending ? 'descending' : 'ascending';
  return html`<th role="columnheader" scope="col" aria-sort=${sorted}><button type="button" @click=${() => sort(by)}>${words}</button></th>`;
}

function row(viewer: ViewerInfo, { now, disconnect }: ViewerTableOptions): TemplateResult {
  const { address, transport, state, lag, skips, skippedBytes, since } = viewer;
  return html`
    <tr role="row">
      <td role="cell" class="who"><strong>${address}</strong> <span class="quiet">${TRANSPORTS[transport]}</span></td>
      <td role="cell" data-label="State">${STATES[state]}</td>
      <td role="cell" data-label="Lag"><span class="lag ${viewerHeat(viewer)}">${formatSeconds(lag)}</span></td>
      <td role="cell" data-label="Skips">${skips === 0 ? '0' : `${skips} (${formatBytes(skippedBytes)})`}</td>
      <td role="cell" data-label="Reports">${reports(viewer)}</td>
      <td role="cell" data-label="Here for">${formatDuration(now - since)}</td>
      <td role="cell" class="doing">
        <button type="button" class="button small" aria-label="Disconnect the viewer at ${address}" @click=${() => disconnect(viewer)}>Disconnect</button>
      </td>
    </tr>
  `;
}

/** What the viewer itself tells of how it fares. */
function reports({ latency, stalls, dropped }: ViewerInfo): TemplateResult {
  const told = [
    ...(latency === undefined ? [] : [`${formatSeconds(latency)} late`]),
    ...(stalls === undefined || stalls === 0 ? [] : [`stalled ${stalls}×`]),
    ...(dropped === undefined || dropped === 0 ? [] : [`${dropped} frames dropped`]),
  ];
  return html`${told.length === 0 ? html`<span class="quiet">${latency === undefined && stalls === undefined ? '–' : 'all well'}</span>` : told.join(', ')}`;
}
