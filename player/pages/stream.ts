import { nothing, render } from 'lit';
import type { RelayEvent } from '../../src/protocol/api-event';
import { Actions } from '../dashboard/actions';
import { EventLog } from '../dashboard/event-log';
import { OperatorFeed } from '../dashboard/operator-feed';
import { Poll, type PollResult } from '../dashboard/poll';
import { admitted, RelayApi } from '../dashboard/relay-api';
import { RelayTime } from '../dashboard/relay-time';
import { askForStream, isDetail, type StreamAnswer } from '../dashboard/stream-answer';
import { stateBadge } from '../dashboard/stream-row';
import { streamView } from '../dashboard/stream-view';
import { Told } from '../dashboard/told';
import { nextOrder, type ViewerOrder } from '../dashboard/viewer-order';
import { pageStream, pageToken } from '../net/page-address';
import { find, setText } from './elements';

const name = pageStream();
const time = new RelayTime();
const api = new RelayApi(time);
const actions = new Actions(api, new Told(find('told')).say);
const log = new EventLog();
/** The stream as it was last told. */
let shown: StreamAnswer = { stream: undefined, viewers: undefined };
/** The relay's time of that, Unix ms. */
let shownAt = 0;
/** When it was found to be over, in words. */
let endedAt: string | undefined;
let problem: string | undefined;
let order: ViewerOrder = { by: 'lag', descending: true };

function take({ found, problem: words }: PollResult<StreamAnswer>): void {
  problem = words;
  if (words === undefined && found !== undefined) {
    if (found.stream !== undefined) {
      shown = found;
      shownAt = time.now();
      endedAt = undefined;
    } else if (shown.stream !== undefined) {
      endedAt ??= new Date().toLocaleTimeString();
    }
  }
  show();
}

function show(): void {
  const { stream, viewers } = shown;
  showState();
  if (stream === undefined) return;
  find('more').hidden = isDetail(stream);
  const view = streamView({
    stream,
    viewers,
    stale: endedAt !== undefined || problem !== undefined,
    events: log.of(name),
    order,
    now: shownAt,
    sort: (by) => {
      order = nextOrder(order, by);
      show();
    },
    disconnect: (viewer) => void actions.disconnect(name, viewer),
    end: () => void actions.endStream(name, stream.viewers),
  });
  render(view, find('stream'));
}

function showState(): void {
  const { stream } = shown;
  const there = stream !== undefined && endedAt === undefined;
  find('problem').hidden = problem === undefined;
  setText(find('problem'), problem === undefined ? '' : `${problem}. ${stream === undefined ? '' : 'What is below is how it last stood. '}Trying again.`);
  render(there ? stateBadge(stream.state) : nothing, find('state'));
  setText(find('status'), problem === undefined ? statusWords() : '');
}

function statusWords(): string {
  if (endedAt !== undefined) return `The stream ended at ${endedAt}. What is below is how it last stood; it goes on here if it begins again.`;
  return shown.stream === undefined ? `“${name}” is not live. It appears here as soon as somebody publishes it.` : '';
}

function hear(event: RelayEvent): void {
  time.hear(event.at);
  if (event.type === 'stats') return;
  log.add(event);
  show();
}

const poll = new Poll({ ask: (signal) => askForStream(api, name, signal), tell: take });
const feed = new OperatorFeed({
  admit: async (signal) => (await admitted(api.get('api/sources', signal))) !== undefined,
  open: () => new EventSource(api.address('api/events')),
  tell: hear,
  // The poll tells what is wrong, and what may be seen.
  refused: () => undefined,
  problem: () => undefined,
});

function followVisibility(): void {
  for (const each of [poll, feed]) {
    if (document.visibilityState === 'visible') each.start();
    else each.stop();
  }
}

document.title = `${name} · Sluice`;
setText(find('name'), name);
setText(find('more'), `Graphs, lag, viewers and actions are for administrators: open this page by a link with such a key, /streams/${name}?token=KEY. A relay without keys shows them to its own machine.`);
for (const id of ['home', 'all']) find(id, HTMLAnchorElement).href = `./${pageToken('?')}`;
document.addEventListener('visibilitychange', followVisibility);
followVisibility();
