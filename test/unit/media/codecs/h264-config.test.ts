import { DecoderConfig } from '../../../../src/media/codecs/decoder-config';
import { readH264Config } from '../../../../src/media/codecs/h264';
import { avcConfiguration, pps, sps, type SpsFields } from '../../../support/h264';

function read(fields: SpsFields): ReturnType<typeof readH264Config> {
  return readH264Config(new DecoderConfig(avcConfiguration(sps(fields), pps()), { offset: 0, path: 'avcC' }), 'avc1');
}

describe('an H.264 configuration', () => {
  it('says how many frames a decoder may hold back where its SPS does not state how many are reordered', () => {
    expect(read({ level: 31, columns: 80, rows: 45 })).toEqual({ codec: 'avc1.4D001F', presumedReorder: 5 });
  });

  it('says nothing of it where the SPS states that', () => {
    expect(read({ level: 31, columns: 80, rows: 45, reorder: 0 })).toEqual({ codec: 'avc1.4D001F' });
  });
});
