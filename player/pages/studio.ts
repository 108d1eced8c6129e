import { render } from 'lit';
import { Studio } from '../studio/studio';
import { studioSession } from '../studio/studio-session';
import { studioTitle, studioView } from '../studio/studio-view';

const main = document.querySelector('main');
const heading = document.querySelector('h1');
if (main === null || heading === null) throw new Error('The page has no <main> or no <h1>');

const name = location.pathname.split('/')[2] ?? '';
const studio = new Studio({ name, session: studioSession(sessionStorage), changed: show });
heading.textContent = `Studio · ${name}`;

function show(): void {
  if (main === null) return;
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
