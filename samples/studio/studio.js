// Buttons of the page's own, in place of the attribute `controls`. docs/studio.md has all that the element tells.
const studio = document.querySelector('sluice-studio');
const [air, mute, state] = ['air', 'mute', 'state'].map((id) => document.getElementById(id));

air.onclick = async () => {
  if (studio.state !== 'off') {
    await studio.stop();
    return;
  }
  // What is wrong is told by the element itself, and by the event `error`.
  await studio.start().catch(() => undefined);
};

mute.onclick = () => {
  studio.microphoneOn = !studio.microphoneOn;
  mute.setAttribute('aria-pressed', String(!studio.microphoneOn));
};

studio.addEventListener('statechange', () => {
  air.textContent = studio.state === 'off' ? 'Go live' : 'Stop';
  state.textContent = studio.stateText;
});
studio.addEventListener('stats', ({ detail: { bitrate, viewers } }) => {
  if (studio.state === 'live') state.textContent = `Live: ${viewers} watching, ${Math.round(bitrate / 1000)} kbit/s`;
});
studio.addEventListener('warning', ({ detail: { title } }) => console.info(title));
studio.addEventListener('error', ({ detail: { title } }) => (state.textContent = title));
