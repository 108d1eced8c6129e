import { html, nothing, type TemplateResult } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';
import { type HeatPart, heatWords } from './lag-heat';

/** Viewers by lag as a strip of colours, and the same in words below it. */
export function heatStrip(parts: readonly HeatPart[]): TemplateResult {
  return html`
    <div class="heat">
      ${parts.length === 0 ? nothing : html`<div class="strip" aria-hidden="true">${parts.map(({ heat, count }) => html`<span class=${heat} style=${styleMap({ flexGrow: String(count) })}></span>`)}</div>`}
      <span>${heatWords(parts)}</span>
    </div>
  `;
}
