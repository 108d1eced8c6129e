import { PacketLook } from '../../../src/ffmpeg/packet-look';

const HEADER = '#software: Lavf59.27.100\n#tb 0: 1/90000\n#media_type 0: video\n#tb 1: 1/48000\n#media_type 1: audio\n';
const PRINTED = ['Stream mapping:', '  Stream #0:2 -> #0:0 (copy)', '  Stream #0:1 -> #0:1 (copy)', ''].join('\n');

describe('a look at packets', () => {
  it('is enough when each track has come', () => {
    const look = new PacketLook({ packets: 1, media: 10 });
    look.push(HEADER);
    look.push('0,          0,          0,     3600,     8772, 0x20d71147\n');
    expect([look.hasBegun, look.isEnough]).toEqual([true, false]);
    look.push('1,          0,          0,     1024,      219, 0x991d6ac1, S=1,        1\n');
    expect(look.isEnough).toBe(true);
    expect(look.findings(PRINTED)).toEqual(new Map([[2, {}], [1, {}]]));
  });

  it('finds a track absent when another has gone on for long enough', () => {
    const look = new PacketLook({ packets: 1, media: 10 });
    look.push(`${HEADER}0, -7200, 0, 3600, 8772, 0x20d71147\n0, 892800, 892800, 3600, 8772, 0x20d71147\n`);
    expect(look.isEnough).toBe(false);
    look.push('0, 900000, 900000, 3600, 8772, 0x20d71147\n');
    expect(look.isEnough).toBe(true);
    expect(look.findings(PRINTED)).toEqual(new Map([[2, {}], [1, { absent: true }]]));
  });

  it('finds frames without presentation times', () => {
    const look = new PacketLook({ packets: 2, media: 10 });
    for (const piece of ['#tb 0: 1/50\n0, 0, -92233720', '36854775808, 1, 8772, 0x20d71147\n0, 2, 2, 1, 4462, 0x2da53e22, F=0x0\n']) look.push(piece);
    expect(look.isEnough).toBe(true);
    expect(look.findings(PRINTED).get(2)).toEqual({ untimed: true });
  });
});
