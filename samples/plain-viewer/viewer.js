// The least that plays: what a WebSocket without a subprotocol brings goes into a SourceBuffer.
// It goes on when the publisher returns with the same codecs, and doesn't reconnect: <sluice-video> does, and more.
const name = new URLSearchParams(location.search).get('name') ?? 'demo';
const video = document.querySelector('video');
const state = document.getElementById('state');
const media = new MediaSource();

media.addEventListener('sourceopen', async () => {
  const { streams } = await (await fetch('../../api/streams')).json();
  const stream = streams.find((each) => each.name === name);
  if (stream === undefined) {
    state.textContent = `Nobody publishes "${name}"`;
    return;
  }
  const buffer = media.addSourceBuffer(stream.mime);
  const queue = [];
  const next = () => {
    if (!buffer.updating && queue.length > 0) buffer.appendBuffer(queue.shift());
  };
  buffer.onupdateend = () => {
    const last = buffer.buffered.length - 1;
    // The first picture's time is seldom 0, and where media was skipped there is a gap: jump over it.
    if (last >= 0 && video.currentTime < buffer.buffered.start(last)) video.currentTime = buffer.buffered.start(last);
    next();
  };
  const socket = new WebSocket(new URL(`../../watch/${name}`, location.href.replace(/^http/, 'ws')));
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => {
    queue.push(data);
    next();
  };
  socket.onclose = ({ code }) => (state.textContent = code === 1000 ? 'The stream is over' : `The connection is closed (${code}): load the page again`);
});
video.src = URL.createObjectURL(media);
