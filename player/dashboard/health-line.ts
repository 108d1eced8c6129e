import { html, type TemplateResult } from 'lit';
import type { HealthLevel } from './publisher-health';

/** A line of words with a dot in the colour of how good that is. */
export function healthLine(level: HealthLevel | 'plain', words: string): TemplateResult {
  return html`<span class="health ${level}">${words}</span>`;
}
