import { fittingSize, type PictureSize } from '../publisher/picture-size';

/** Where the camera lies over the screen. */
export type Corner = 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';

export const CORNERS: readonly Corner[] = ['top-left', 'top-right', 'bottom-left', 'bottom-right'];

/** Part of the screen's width that the camera takes. */
const CAMERA_WIDTH = 0.24;
/** Space between the camera and the edges, as part of the screen's width. */
const MARGIN = 0.02;
/** The longest side of a composed picture: what a screen has beyond it costs much and shows little. */
const LONGEST = 1920;

export interface Box extends PictureSize {
  readonly x: number;
  readonly y: number;
}

/** Draws what sets the camera off from the screen, just around its box. */
export function frameBox(context: Pick<CanvasRenderingContext2D, 'fillStyle' | 'fillRect'>, { x, y, width, height }: Box): void {
  const line = Math.max(2, Math.round(width / 100));
  context.fillStyle = '#15181d';
  context.fillRect(x - line, y - line, width + 2 * line, height + 2 * line);
}

/** The size of the composed picture of a screen: even, as encoders want it, and not too large. */
export function pictureSize(screen: PictureSize): PictureSize {
  return fittingSize(screen, { width: LONGEST, height: LONGEST });
}

/** Where a camera of that size lies in a picture of that size. */
export function cameraBox(picture: PictureSize, camera: PictureSize, corner: Corner): Box {
  const margin = Math.round(picture.width * MARGIN);
  const scale = Math.min((picture.width * CAMERA_WIDTH) / camera.width, (picture.height / 2 - margin) / camera.height);
  const [width, height] = [Math.round(camera.width * scale), Math.round(camera.height * scale)];
  return {
    x: corner.endsWith('left') ? margin : picture.width - width - margin,
    y: corner.startsWith('top') ? margin : picture.height - height - margin,
    width,
    height,
  };
}
