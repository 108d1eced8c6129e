import { render } from 'lit';
import { Studio } from '../studio/studio';
import { studioSession } from '../studio/studio-session';
import { studioTitle, studioView } from '../studio/studio-view';
import { find } from './find';

const main = find('studio');
const name = location.pathname.split('/')[2] ?? '';
const studio = new Studio({ name, session: studioSession(sessionStorage), changed: show });
find('title').textContent = `Studio · ${name}`;

function show(): void {
  document.title = studioTitle(studio);
  render(studioView(studio), main);
}

function showLevel(): void {
  const meter = document.querySelector<HTMLMeterElement>('#level');
  if (meter !== null) meter.value = studio.level();
  requestAnimationFrame(showLevel);
}

window.addEventListener('beforeunload', (event) => {
  if (studio.phase !== 'off') event.preventDefault();
});
for (const touch of ['pointerdown', 'keydown']) window.addEventListener(touch, () => studio.wake());

show();
showLevel();
await studio.begin();
