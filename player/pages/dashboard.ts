import { html, render } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { RelayEvent } from '../../src/protocol/api-event';
import type { RefusalList } from '../../src/protocol/refusal-info';
import type { SourceInfo, SourceList } from '../../src/protocol/source-info';
import type { StreamDetail } from '../../src/protocol/stream-detail';
import type { StreamInfo } from '../../src/protocol/stream-info';
import { Actions } from '../dashboard/actions';
import { eventList } from '../dashboard/event-list';
import { EventLog } from '../dashboard/event-log';
import { fetchStreams } from '../dashboard/fetch-streams';
import { OperatorFeed } from '../dashboard/operator-feed';
import { Poll, type PollResult } from '../dashboard/poll';
import { PublishGuide } from '../dashboard/publish-guide';
import { admitted, RelayApi } from '../dashboard/relay-api';
import { RelayTime } from '../dashboard/relay-time';
import { Rounds } from '../dashboard/rounds';
import { refusalList } from '../dashboard/refusal-list';
import { sourceList } from '../dashboard/source-list';
import { StreamHistory } from '../dashboard/stream-history';
import { type OperatorView, streamRow } from '../dashboard/stream-row';
import { Told } from '../dashboard/told';
import { formatBitrate, plural } from '../words/format';
import { find, setText } from './elements';

/** How long the list of refusals may take, ms. */
const REFUSALS_PATIENCE = 10_000;

const summary = find('summary');
const problemNotice = find('problem');
const list = find('streams');
const time = new RelayTime();
const api = new RelayApi(time);
const actions = new Actions(api, new Told(find('told')).say);
const history = new StreamHistory();
const log = new EventLog();
const details = new Map<string, StreamDetail>();
let streams: readonly StreamInfo[] | undefined;
/** What goes on in all of them, for the summary. */
let totals = '';
let sources: readonly SourceInfo[] = [];
/** Whether this visitor is told everything. */
let operates = false;
let heardAt = '';

/** Rows are found again by name, so that what is open, focused or selected stays so from time to time. */
function showStreams(): void {
  if (streams === undefined) return;
  const now = time.now();
  setText(summary, inWords(streams.length) + totals);
  render(html`${repeat(streams, ({ name }) => name, (stream) => streamRow(stream, now, operatorView(stream)))}`, list);
}

function inWords(count: number): string {
  return count === 0 ? 'Nothing is live yet.' : plural(count, 'stream');
}

function operatorView({ name, viewers }: StreamInfo): OperatorView | undefined {
  if (!operates) return undefined;
  return { samples: history.of(name), detail: details.get(name), end: () => void actions.endStream(name, viewers) };
}

function showProblem(problem: string | undefined): void {
  if (problem === undefined) heardAt = new Date().toLocaleTimeString();
  problemNotice.hidden = problem === undefined;
  const what = streams === undefined ? '' : `What is below is from ${heardAt}. `;
  setText(problemNotice, problem === undefined ? '' : `${problem}. ${what}Trying again.`);
  list.classList.toggle('stale', problem !== undefined);
  if (streams === undefined) setText(summary, '');
}

function showPoll({ found, problem }: PollResult<readonly StreamInfo[]>): void {
  if (found !== undefined) streams = found;
  showProblem(problem);
  // An old list's uptimes stand still, as everything else in it does.
  if (problem === undefined) showStreams();
}

function hear(event: RelayEvent): void {
  time.hear(event.at);
  if (event.type === 'stats') {
    ({ streams } = event);
    history.note(streams, event.at);
    const names = streams.map(({ name }) => name);
    for (const name of details.keys()) if (!names.includes(name)) details.delete(name);
    const flow = `${formatBitrate(event.bytesInPerSecond * 8)} in, ${formatBitrate(event.bytesOutPerSecond * 8)} out`;
    totals = streams.length === 0 ? '' : ` · ${plural(event.viewers, 'viewer')} · ${flow}`;
    showStreams();
    return;
  }
  if (event.type === 'source-state') {
    const { source } = event;
    sources = sources.some(({ name }) => name === source.name) ? sources.map((known) => (known.name === source.name ? source : known)) : [...sources, source];
    showSources();
  }
  // Should it fail, the next one shows this one, too.
  if (event.type === 'publisher-refused') void showRefusals().catch(() => undefined);
  log.add(event);
  showEvents();
}

function showSources(): void {
  find('source-section').hidden = sources.length === 0;
  render(sourceList(sources, (source, action) => void actions.source(source, action)), find('sources'));
}

async function showRefusals(): Promise<void> {
  const { refusals } = (await api.get('api/refusals', AbortSignal.timeout(REFUSALS_PATIENCE))) as RefusalList;
  find('refusal-section').hidden = refusals.length === 0;
  render(refusalList(refusals), find('refusals'));
}

function showEvents(): void {
  render(eventList(log.events), find('events'));
}

/** Asks for the sources: whoever may see them may hear everything. */
async function admit(signal: AbortSignal): Promise<boolean> {
  const found = await admitted(api.get('api/sources', signal));
  operates = found !== undefined;
  find('operator').hidden = !operates;
  find('more').hidden = operates;
  totals = '';
  if (found === undefined) return false;
  ({ sources } = found as SourceList);
  showSources();
  showEvents();
  await showRefusals();
  return true;
}

function refused(): void {
  setText(find('more'), 'Graphs, lag, events and actions are for administrators: open this page by a link with such a key, /?token=KEY. A relay without keys shows them to its own machine.');
  poll.start();
}

const poll = new Poll({ ask: (signal) => fetchStreams(api, signal), tell: showPoll });
const feed = new OperatorFeed({ admit, open: () => new EventSource(api.address('api/events')), tell: hear, refused, problem: showProblem });
/** What the events don't tell of each stream. */
const rounds = new Rounds({
  names: () => (operates ? (streams ?? []).map(({ name }) => name) : []),
  ask: async (name, signal) => {
    const detail = (await api.get(`api/streams/${name}`, signal)) as StreamDetail;
    details.set(name, detail);
    history.replace(name, detail.since, detail.history);
    if (problemNotice.hidden) showStreams();
  },
});

function followVisibility(): void {
  const feeds = [feed, rounds];
  if (document.visibilityState === 'visible') for (const each of feeds) each.start();
  else for (const each of [...feeds, poll]) each.stop();
}

new PublishGuide(find('guide'));
document.addEventListener('visibilitychange', followVisibility);
followVisibility();
