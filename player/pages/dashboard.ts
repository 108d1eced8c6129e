import { html, render } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { fetchStreams } from '../dashboard/fetch-streams';
import { PublishGuide } from '../dashboard/publish-guide';
import { RelayTime } from '../dashboard/relay-time';
import { type PollResult, StreamPoll } from '../dashboard/stream-poll';
import { streamRow } from '../dashboard/stream-row';
import { find } from './find';

const summary = find('summary');
const problemNotice = find('problem');
const list = find('streams');
const time = new RelayTime();
let heardAt = '';

/** Rows are found again by name, so that what is open, focused or selected stays so from poll to poll. */
function show({ streams, problem }: PollResult): void {
  if (problem === undefined) heardAt = new Date().toLocaleTimeString();
  problemNotice.hidden = problem === undefined;
  const what = streams === undefined ? '' : `What is below is from ${heardAt}. `;
  setText(problemNotice, problem === undefined ? '' : `${problem}. ${what}Trying again.`);
  list.classList.toggle('stale', problem !== undefined);
  if (streams === undefined) setText(summary, '');
  // An old list's uptimes stand still, as everything else in it does.
  if (streams === undefined || problem !== undefined) return;
  setText(summary, inWords(streams.length));
  const now = time.now();
  render(html`${repeat(streams, ({ name }) => name, (stream) => streamRow(stream, now))}`, list);
}

function inWords(count: number): string {
  if (count === 0) return 'Nothing is live yet.';
  return count === 1 ? '1 stream' : `${count} streams`;
}

/** Leaves the same text alone: a live region would read it again. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

const poll = new StreamPoll({ ask: (signal) => fetchStreams(signal, time), tell: show });

function followVisibility(): void {
  if (document.visibilityState === 'visible') poll.start();
  else poll.stop();
}

new PublishGuide(find('guide'));
document.addEventListener('visibilitychange', followVisibility);
followVisibility();
