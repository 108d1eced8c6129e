import { mediaWarnings } from '../../../player/dashboard/media-warnings';
import type { TrackInfo } from '../../../src/protocol/watch-message';

const VIDEO: TrackInfo = { kind: 'video', codec: 'avc1.4D001F', width: 1280, height: 720 };

describe('what the page of a stream warns of', () => {
  it('is nothing where the video states how many frames it reorders', () => {
    expect(mediaWarnings({ tracks: [VIDEO] })).toEqual([]);
  });

  it('is how many frames Chrome may hold back, and what to do about it', () => {
    expect(mediaWarnings({ tracks: [VIDEO], presumedReorder: 5 })).toEqual([
      {
        text: 'The H.264 video doesn’t state how many frames it reorders (bitstream_restriction). Where Chrome decodes it in hardware, the picture may be up to 5 frames late.',
        remedy: 'Encode it with libx264, which states that; ffmpeg can’t add it with -c copy:',
        command: '-c:v libx264 -tune zerolatency',
      },
    ]);
  });

  it('is how long that is where the frame rate is known', () => {
    const [warning] = mediaWarnings({ tracks: [{ ...VIDEO, frameRate: 25 }], presumedReorder: 5 });
    expect(warning?.text).toMatch(/up to 5 frames \(0\.20 s\) late\.$/);
  });

  it('is one frame in the singular', () => {
    expect(mediaWarnings({ tracks: [VIDEO], presumedReorder: 1 })[0]?.text).toMatch(/up to 1 frame late\.$/);
  });
});
