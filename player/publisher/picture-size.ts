export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** How large a picture is sent: its own shape, within `most`, with even sides. */
export function fittingSize(own: PictureSize, most: { readonly width?: number | undefined; readonly height?: number | undefined }): PictureSize {
  const scale = Math.min(1, (most.width ?? Infinity) / own.width, (most.height ?? Infinity) / own.height);
  const even = (side: number): number => Math.max(2, 2 * Math.round((side * scale) / 2));
  return { width: even(own.width), height: even(own.height) };
}
