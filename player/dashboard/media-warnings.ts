import { LONGEST_GOP } from '../../src/media/keyframe-watch';
import type { StreamDetail } from '../../src/protocol/stream-detail';
import { formatSeconds, plural } from '../words/format';

/** What is wrong with the media of a stream, though it is relayed, and what the publisher can do about it. */
export interface MediaWarning {
  readonly title: string;
  /** The effect and the remedy, up to the command. */
  readonly text: string;
  /** Options of ffmpeg. */
  readonly command: string;
}

/** The warnings that a stream's page shows. */
export function mediaWarnings(detail: Pick<StreamDetail, 'tracks' | 'gop' | 'sinceKeyframe' | 'presumedReorder'>): MediaWarning[] {
  return [...keyframeWarnings(detail), ...reorderWarnings(detail)];
}

function keyframeWarnings({ gop = 0, sinceKeyframe = 0 }: Pick<StreamDetail, 'gop' | 'sinceKeyframe'>): MediaWarning[] {
  const longest = Math.max(gop, sinceKeyframe);
  if (longest <= LONGEST_GOP) return [];
  return [
    {
      title: `No keyframe for ${Math.round(longest)} s`,
      text: 'Viewers that join wait for the next one. Browsers begin at an IDR picture: the I pictures of open GOPs, and recovery points, are none. Encode with one every few seconds:',
      command: '-c:v libx264 -g 60',
    },
  ];
}

function reorderWarnings({ tracks, presumedReorder }: Pick<StreamDetail, 'tracks' | 'presumedReorder'>): MediaWarning[] {
  if (presumedReorder === undefined) return [];
  const { frameRate } = tracks.find(({ kind }) => kind === 'video') ?? {};
  const time = frameRate === undefined ? '' : ` (${formatSeconds(presumedReorder / frameRate)})`;
  return [
    {
      title: 'The H.264 video doesn’t state how many frames it reorders',
      text: `Where Chrome decodes it in hardware, the picture may be up to ${plural(presumedReorder, 'frame')}${time} late. ffmpeg can’t add the missing field (bitstream_restriction) with -c copy. Encode with libx264, which writes it:`,
      command: '-c:v libx264 -tune zerolatency',
    },
  ];
}
