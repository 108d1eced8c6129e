import { InputWatch } from '../../../src/ffmpeg/input-watch';
import { FakeClock } from '../../support/fake-clock';

const TIME_OFF = '[warning] DTS 3606021, next:6021000 st:1 invalid dropping';

let clock: FakeClock;
let watch: InputWatch;

beforeEach(() => {
  clock = new FakeClock();
  watch = new InputWatch(clock);
});

describe('a watch over what ffmpeg prints', () => {
  it('finds the first packet of an absent track, and where it is', () => {
    expect(watch.read('#tb 0: 1/48000')).toBeUndefined();
    expect(watch.read('0,     384000,     384000,     1024,     4096, 0x991d6ac1')).toEqual({ type: 'track-came', time: 8 });
  });

  it('takes a few packets whose times are off for what they are', () => {
    for (let packets = 0; packets < 40; packets++) expect(watch.read(TIME_OFF)).toBeUndefined();
    clock.pass(2_001);
    for (let packets = 0; packets < 40; packets++) expect(watch.read(TIME_OFF)).toBeUndefined();
  });

  it('finds a jump when many packets are off', () => {
    for (let packets = 1; packets < 50; packets++) expect(watch.read(TIME_OFF)).toBeUndefined();
    expect(watch.read(TIME_OFF)).toEqual({ type: 'times-jumped' });
  });

  it('finds a jump of a slow camera when packets are off for a second', () => {
    for (let packets = 0; packets < 3; packets++) {
      expect(watch.read(TIME_OFF)).toBeUndefined();
      clock.pass(400);
    }
    expect(watch.read(TIME_OFF)).toEqual({ type: 'times-jumped' });
  });

  it.each([
    ['5.1', '[debug] timestamp discontinuity for stream #0:0 (id=256, type=video): -2989956556, new offset= -2991400000', -2989.956556],
    ['7.1', '[vist#0:0/h264 @ 0x55d8] [warning] timestamp discontinuity (stream id=256): 12000000, new offset= -12000000', 12],
  ])('finds a jump that ffmpeg %s has mended, and reports it once in 10 s', (_, line, seconds) => {
    expect(watch.read(line)).toEqual({ type: 'times-mended', seconds });
    clock.pass(9_999);
    expect(watch.read(line)).toBeUndefined();
    clock.pass(1);
    expect(watch.read(line)).toEqual({ type: 'times-mended', seconds });
  });

  it('counts a packet once, and nothing else that ffmpeg says', () => {
    const other = ['[warning] PTS 3606021, next:6021000 invalid dropping st:1', '[flv @ 0x55d8] [warning] DTS 4006061 < 7606021 out of order'];
    for (let packets = 0; packets < 60; packets++) for (const line of other) expect(watch.read(line)).toBeUndefined();
  });
});
