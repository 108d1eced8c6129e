import { html, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { eventWords, type Happening } from './event-words';
import { healthLine } from './health-line';

/** What happened lately, newest first. */
export function eventList(events: readonly Happening[]): TemplateResult {
  if (events.length === 0) return html`<p class="quiet">Nothing has happened since this page was opened.</p>`;
  return html`<ol class="events" tabindex="0" aria-label="Recent events">${repeat(events, ({ id }) => id, item)}</ol>`;
}

function item(event: Happening): TemplateResult {
  const { level, words } = eventWords(event);
  const at = new Date(event.at);
  return html`<li><time datetime=${at.toISOString()}>${at.toLocaleTimeString()}</time>${healthLine(level, words)}</li>`;
}
