import { RECORDING_TYPES, recordingMime, supportedTypes } from '../../../player/publisher/recording-type';

const ids = (types: ReturnType<typeof supportedTypes>): string[] => types.map(({ id }) => id);

describe('supportedTypes', () => {
  it('prefers WebM, which comes out with each frame', () => {
    expect(ids(supportedTypes({ supports: () => true, webkit: false }))).toEqual(['webm-vp9', 'webm-vp8', 'webm-av1', 'mp4-aac', 'mp4-opus', 'mp4']);
  });

  it('prefers MP4 in WebKit, whose recorder hands it out at each timeslice', () => {
    expect(ids(supportedTypes({ supports: () => true, webkit: true })).slice(0, 2)).toEqual(['mp4-aac', 'mp4-opus']);
  });

  it('leaves out what the browser can’t record', () => {
    expect(ids(supportedTypes({ supports: (mime) => mime === 'video/webm;codecs=vp8,opus' || mime === 'video/mp4', webkit: false }))).toEqual(['webm-vp8', 'mp4']);
    expect(supportedTypes({ supports: () => false, webkit: false })).toEqual([]);
  });

  it('never offers H.264 in WebM, which is Matroska', () => {
    for (const type of RECORDING_TYPES) expect(recordingMime(type, { audio: true })).not.toMatch(/webm.*(h264|avc1)/);
  });
});

describe('recordingMime', () => {
  const [vp9] = RECORDING_TYPES;

  it('names the codec of the sound only where there is sound', () => {
    expect(recordingMime(vp9!, { audio: true })).toBe('video/webm;codecs=vp9,opus');
    expect(recordingMime(vp9!, { audio: false })).toBe('video/webm;codecs=vp9');
  });

  it('leaves the codecs to the browser where none are named', () => {
    expect(recordingMime(RECORDING_TYPES.at(-1)!, { audio: true })).toBe('video/mp4');
  });
});
