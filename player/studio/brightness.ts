const SIZE = { width: 32, height: 18 } as const;

let canvas: HTMLCanvasElement | undefined;

/** How bright the brightest part of a picture is: 0 to 1; undefined before there is one. */
export function brightness(video: HTMLVideoElement): number | undefined {
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return undefined;
  canvas ??= Object.assign(document.createElement('canvas'), SIZE);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return undefined;
  context.drawImage(video, 0, 0, SIZE.width, SIZE.height);
  const { data } = context.getImageData(0, 0, SIZE.width, SIZE.height);
  let brightest = 0;
  for (let index = 0; index < data.length; index += 4) brightest = Math.max(brightest, data[index] ?? 0, data[index + 1] ?? 0, data[index + 2] ?? 0);
  return brightest / 255;
}
