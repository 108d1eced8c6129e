// Camera and microphone → MediaRecorder → WebSocket. docs/protocol.md has the messages.
const NAME = 'sample';
const [preview, start, stop, state] = ['preview', 'start', 'stop', 'state'].map((id) => document.getElementById(id));

start.onclick = async () => {
  start.disabled = true;
  try {
    await publish(await navigator.mediaDevices.getUserMedia({ video: true, audio: true }));
  } catch (error) {
    state.textContent = `Cannot publish: ${error.message}`;
    start.disabled = false;
  }
};

async function publish(camera) {
  preview.srcObject = camera;
  const recorder = new MediaRecorder(camera, {
    // Not H.264 in WebM: the relay can't pass that on.
    mimeType: ['video/webm;codecs=vp8,opus', 'video/mp4'].find((type) => MediaRecorder.isTypeSupported(type)),
    // Who comes later can begin at a keyframe only.
    videoKeyFrameIntervalDuration: 1000,
  });
  const socket = new WebSocket(new URL(`../../publish/${NAME}`, location.href.replace(/^http/, 'ws')), ['sluice.v1']);
  // Blobs are sent as they come: the relay finds the frames in them, wherever they are cut.
  recorder.ondataavailable = ({ data }) => {
    if (socket.readyState === WebSocket.OPEN && data.size > 0) socket.send(data);
  };
  recorder.onstop = () => {
    // The last blob has gone. With "end" the stream is over at once, and not held for the publisher's return.
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'end' }));
    for (const track of camera.getTracks()) track.stop();
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'ready') recorder.start(100);
    if (message.type === 'live') stop.disabled = false;
    if (message.type === 'received') state.textContent = `Live: ${message.viewers} watching, ${message.bytes} bytes sent`;
    if (message.type === 'error') state.textContent = `The relay refuses: ${message.message}`;
  };
  socket.onclose = ({ code }) => {
    if (recorder.state !== 'inactive') recorder.stop();
    if (code === 1000) state.textContent = 'The stream is over';
    else if (code < 4000) state.textContent = `The connection is lost (${code})`;
    stop.disabled = true;
    start.disabled = false;
  };
  stop.onclick = () => recorder.stop();
}
