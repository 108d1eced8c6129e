import '../studio/sluice-studio';
import type { SluiceStudioElement } from '../studio/sluice-studio';
import { pageStream, pageToken } from '../net/page-address';
import { find } from './elements';

/** How a tab in the background tells it: a sign before its title, and a dot of that colour for its icon. */
const SIGNS = {
  off: undefined,
  connecting: { words: '○ Connecting', colour: '#f2b84b' },
  live: { words: '● On air', colour: '#e02a3a' },
  reconnecting: { words: '○ Reconnecting', colour: '#f2b84b' },
  stopping: { words: '○ Stopping', colour: '#f2b84b' },
} as const satisfies Record<SluiceStudioElement['state'], { words: string; colour: string } | undefined>;

const studio = document.createElement('sluice-studio');
const name = pageStream();
studio.controls = true;
find('studio').append(studio);
find('title').textContent = `Studio · ${name}`;

function show(): void {
  const sign = SIGNS[studio.state];
  document.title = `${sign === undefined ? '' : `${sign.words} · `}${name} · Studio · Sluice`;
  (find('icon') as HTMLLinkElement).href = sign === undefined ? 'data:,' : dot(sign.colour);
}

function dot(colour: string): string {
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${colour}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(picture)}`;
}

window.addEventListener('beforeunload', (event) => {
  if (studio.state !== 'off') event.preventDefault();
});
studio.addEventListener('statechange', show);
show();
studio.src = `publish/${name}${pageToken('?')}`;
