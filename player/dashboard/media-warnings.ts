import type { StreamDetail } from '../../src/protocol/stream-detail';
import { formatSeconds, plural } from '../words/format';

/** What is wrong with the media of a stream, though it is relayed, and what the publisher can do about it. */
export interface MediaWarning {
  readonly text: string;
  readonly remedy: string;
  readonly command: string;
}

/** The warnings that a stream's page shows. */
export function mediaWarnings({ tracks, presumedReorder }: Pick<StreamDetail, 'tracks' | 'presumedReorder'>): MediaWarning[] {
  if (presumedReorder === undefined) return [];
  const { frameRate } = tracks.find(({ kind }) => kind === 'video') ?? {};
  const time = frameRate === undefined ? '' : ` (${formatSeconds(presumedReorder / frameRate)})`;
  return [
    {
      text: `The H.264 video doesn’t state how many frames it reorders (bitstream_restriction). Where Chrome decodes it in hardware, the picture may be up to ${plural(presumedReorder, 'frame')}${time} late.`,
      remedy: 'Encode it with libx264, which states that; ffmpeg can’t add it with -c copy:',
      command: '-c:v libx264 -tune zerolatency',
    },
  ];
}
