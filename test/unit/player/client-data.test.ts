import { clientData } from '../../../player/video/client-data';
import type { PlayerStats } from '../../../player/video/player-stats';
import { readClientData } from '../../../src/hls/client-data';

const STATS: PlayerStats = {
  latency: 1.2344,
  firstFrame: 0.4567,
  buffer: 0.789,
  target: 0.6,
  rate: 1,
  bitrate: 1_000_000,
  frameRate: 30,
  dropped: 4,
  frames: 900,
  skips: 0,
  stalls: 2,
  seeks: 1,
  feed: 'hls.js',
  sound: 'element',
  mime: '',
  epoch: '',
  width: 320,
  height: 240,
};
const AS_READ = { latency: 1.234, firstFrame: 0.457, buffer: 0.789, stalls: 2, dropped: 4 };

describe('the CMCD of the player', () => {
  it('has the keys of version 2, sorted', () => {
    expect(clientData({ ...STATS, rate: 1.051 }, { session: 'a1', withStart: true })).toBe('bl=(789),bsa=(2),dfa=4,ltc=1234,msd=457,pr=1.05,sf=h,sid="a1",st=ll,tbl=(600),v=2');
  });

  it('tells the relay the same numbers as a report on a socket', () => {
    const CMCD = clientData(STATS, { session: 'a1', withStart: true });
    expect(readClientData(new URLSearchParams({ CMCD }), {})).toEqual({ report: AS_READ, starved: false });
  });

  it('tells the time to the first picture only when it is asked to', () => {
    const CMCD = clientData(STATS, { session: 'a1', withStart: false });
    expect(readClientData(new URLSearchParams({ CMCD }), {})?.report).not.toHaveProperty('firstFrame');
  });

  it('leaves out what is not known, or comes of a clock that is wrong', () => {
    const CMCD = clientData({ ...STATS, latency: -3, firstFrame: NaN, target: NaN }, { session: 'a1', withStart: true });
    expect(CMCD).toBe('bl=(789),bsa=(2),dfa=4,sf=h,sid="a1",st=ll,v=2');
  });
});
