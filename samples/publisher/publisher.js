// Camera and microphone → SluicePublisher. docs/publisher.md tells all of it.
import { SluicePublisher } from '../../player/sluice-publisher.js';

const [preview, start, stop, state, figures] = ['preview', 'start', 'stop', 'state', 'figures'].map((id) => document.getElementById(id));
// ?name=NAME&encoder=mediarecorder&codec=vp9
const query = new URLSearchParams(location.search);

start.onclick = async () => {
  start.disabled = true;
  try {
    const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 }, audio: true });
    preview.srcObject = camera;
    publish(camera);
  } catch (error) {
    state.textContent = `Cannot publish: ${error.message}`;
    start.disabled = false;
  }
};

function publish(stream) {
  const publisher = new SluicePublisher({
    url: `../../publish/${query.get('name') ?? 'sample'}`,
    stream,
    encoder: query.get('encoder') ?? 'auto',
    video: { bitrate: 800_000, codec: query.get('codec') ?? 'auto' },
  });
  publisher.addEventListener('statechange', ({ detail }) => {
    state.textContent = `State: ${detail}`;
    stop.disabled = detail !== 'live' && detail !== 'reconnecting';
    if (detail !== 'ended' && detail !== 'failed') return;
    start.disabled = false;
    for (const track of stream.getTracks()) track.stop();
  });
  publisher.addEventListener('stats', ({ detail }) => {
    const { encoder, codec, bitrate, frameRate, droppedFrames, viewers } = detail;
    figures.textContent = `${encoder} (${codec}): ${Math.round(bitrate / 1000)} kbit/s, ${Math.round(frameRate)} frames a second, ${droppedFrames} dropped, ${viewers} watching`;
  });
  publisher.addEventListener('warning', ({ detail }) => (figures.textContent = detail.message));
  publisher.addEventListener('error', ({ detail }) => (state.textContent = `${detail.code}: ${detail.message}`));
  stop.onclick = () => publisher.stop();
  publisher.start();
}
