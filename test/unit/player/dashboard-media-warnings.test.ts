import { mediaWarnings } from '../../../player/dashboard/media-warnings';
import type { TrackInfo } from '../../../src/protocol/watch-message';

const VIDEO: TrackInfo = { kind: 'video', codec: 'avc1.4D001F', width: 1280, height: 720 };

describe('what the page of a stream warns of', () => {
  it('is nothing where the video states how many frames it reorders', () => {
    expect(mediaWarnings({ tracks: [VIDEO] })).toEqual([]);
  });

  it('is that no keyframe comes for longer than libx264 takes by itself', () => {
    expect(mediaWarnings({ tracks: [VIDEO], gop: 10.4, sinceKeyframe: 10 })).toEqual([]);
    expect(mediaWarnings({ tracks: [VIDEO], gop: 2, sinceKeyframe: 30 }).map(({ title }) => title)).toEqual(['No keyframe for 30 s']);
    expect(mediaWarnings({ tracks: [VIDEO], gop: 11, sinceKeyframe: 3 }).map(({ title }) => title)).toEqual(['No keyframe for 11 s']);
  });

  it('is how many frames Chrome may hold back, and what to do about it', () => {
    expect(mediaWarnings({ tracks: [VIDEO], presumedReorder: 5 })).toEqual([
      {
        title: 'The H.264 video doesn’t state how many frames it reorders',
        text: 'Where Chrome decodes it in hardware, the picture may be up to 5 frames late. ffmpeg can’t add the missing field (bitstream_restriction) with -c copy. Encode with libx264, which writes it:',
        command: '-c:v libx264 -tune zerolatency',
      },
    ]);
  });

  it('is how long that is where the frame rate is known', () => {
    const [warning] = mediaWarnings({ tracks: [{ ...VIDEO, frameRate: 25 }], presumedReorder: 5 });
    expect(warning?.text).toMatch(/up to 5 frames \(0\.20 s\) late\. /);
  });

  it('is one frame in the singular', () => {
    expect(mediaWarnings({ tracks: [VIDEO], presumedReorder: 1 })[0]?.text).toMatch(/up to 1 frame late\. /);
  });
});
