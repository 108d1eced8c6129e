import { html, nothing, svg, type TemplateResult } from 'lit';
import type { StreamSample } from '../../src/protocol/stream-detail';
import { SPARK_HEIGHT, SPARK_WIDTH, sparklinePath } from './sparkline-path';

/** The bitrate of the last two minutes as a small line, for the eye: the figure beside it says the same. */
export function sparkline(samples: readonly StreamSample[]): TemplateResult | typeof nothing {
  const line = sparklinePath(samples);
  if (line === '') return nothing;
  return html`<svg class="sparkline" viewBox="0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${svg`<path d=${line}></path>`}</svg>`;
}
