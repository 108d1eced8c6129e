import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { RefusalInfo } from '../../src/protocol/refusal-info';
import { plural } from '../words/format';

/** How many are shown. */
const SHOWN = 5;

/** The publishers that were refused last, each with what to do about it. */
export function refusalList(refusals: readonly RefusalInfo[]): TemplateResult {
  const more = refusals.length - SHOWN;
  return html`
    <ol class="refusals">${repeat(refusals.slice(0, SHOWN), ({ name, address, code }) => `${code} ${address} ${name}`, item)}</ol>
    ${more > 0 ? html`<p class="quiet">And ${more} more: <code>GET /api/refusals</code></p>` : nothing}
  `;
}

function item({ name, address, code, message, remedy, count, last }: RefusalInfo): TemplateResult {
  const at = new Date(last);
  return html`
    <li>
      <time datetime=${at.toISOString()}>${at.toLocaleTimeString()}</time>
      <div class="what">
        <p><strong>${name}</strong> from ${address}${count === 1 ? nothing : html`, ${plural(count, 'time')}`} <code>${code}</code></p>
        <p>${message}.</p>
        <p class="quiet">${remedy}.</p>
      </div>
    </li>
  `;
}
