import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { SourceInfo } from '../../src/protocol/source-info';
import { plural } from '../words/format';
import { healthLine } from './health-line';
import type { HealthLevel } from './publisher-health';

const STATES: Readonly<Record<SourceInfo['state'], readonly [HealthLevel | 'plain', string]>> = {
  running: ['good', 'Runs'],
  restarting: ['warn', 'Failed, starts again'],
  stopped: ['plain', 'Stopped'],
  failed: ['bad', 'Failed'],
};

/** The inputs that the operator configured, each with what can be done with it. */
export function sourceList(sources: readonly SourceInfo[], act: (source: SourceInfo, action: 'start' | 'stop') => void): TemplateResult {
  return html`<ul class="sources">${repeat(sources, ({ name }) => name, (source) => row(source, act))}</ul>`;
}

function row(source: SourceInfo, act: (source: SourceInfo, action: 'start' | 'stop') => void): TemplateResult {
  const { name, state, input, restarts, message } = source;
  const [level, words] = STATES[state];
  const action = state === 'running' || state === 'restarting' ? 'stop' : 'start';
  return html`
    <li>
      <div class="what">
        <strong>${name}</strong> ${healthLine(level, restarts > 0 ? `${words} (restarted ${plural(restarts, 'time')})` : words)}
        <code>${input}</code>
        ${message === undefined ? nothing : html`<p class="quiet">${message}</p>`}
      </div>
      <button type="button" class="button small" aria-label="${action === 'stop' ? 'Stop' : 'Start'} the source ${name}" @click=${() => act(source, action)}>
        ${action === 'stop' ? 'Stop' : 'Start'}
      </button>
    </li>
  `;
}
