/** Pictures a second: few, but so many that nothing takes the stream for dead. */
const FRAME_RATE = 10;

/** A track of black pictures, to stand in where a camera or screen is missing. Stops with its track's `stop`. */
export function blackPicture(size: { width: number; height: number }): MediaStreamTrack {
  const canvas = Object.assign(document.createElement('canvas'), size);
  const context = canvas.getContext('2d');
  const track = canvas.captureStream().getVideoTracks()[0];
  if (context === null || track === undefined) throw new Error('This browser draws no pictures');
  const draw = (): void => context.fillRect(0, 0, canvas.width, canvas.height);
  draw();
  // Not in animation frames: a hidden tab has none, while its timers go on once a second.
  const timer = setInterval(() => {
    if (track.readyState === 'ended') clearInterval(timer);
    else draw();
  }, 1000 / FRAME_RATE);
  return track;
}
