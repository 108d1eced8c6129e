import { UploadMeter } from '../../../player/publisher/upload-meter';

describe('UploadMeter', () => {
  it('is behind by the age of the oldest piece that the relay lacks', () => {
    const meter = new UploadMeter();
    expect(meter.behind(5_000)).toBe(0);
    meter.send(100, 1_000);
    meter.send(100, 2_000);
    expect(meter.behind(2_500)).toBe(1_500);
    meter.receive(100, 2_600);
    expect(meter.behind(2_600)).toBe(600);
    meter.receive(199, 2_700);
    expect(meter.behind(2_700)).toBe(700);
    meter.receive(200, 2_800);
    expect(meter.behind(9_000)).toBe(0);
  });

  it('moves as long as more is received', () => {
    const meter = new UploadMeter();
    expect(meter.moves(0, 3_000)).toBe(false);
    meter.receive(10, 1_000);
    meter.receive(10, 5_000);
    expect(meter.moves(4_000, 3_000)).toBe(true);
    expect(meter.moves(4_001, 3_000)).toBe(false);
  });

  it('averages the bitrate over the last four seconds', () => {
    const meter = new UploadMeter();
    expect(meter.bitrate(0)).toBe(0);
    for (let second = 0; second <= 10; second++) meter.receive((second < 5 ? 1 : 1_000) * 100 + second * 125_000, second * 1_000);
    expect(meter.bitrate(10_000)).toBe(1_000_000);
  });

  it('tells the bitrate of a shorter time, in which nothing of before counts', () => {
    const meter = new UploadMeter();
    for (let quarter = 0; quarter <= 8; quarter++) meter.receive(1 + (quarter <= 4 ? quarter * 100_000 : 400_000 + (quarter - 4) * 25_000), quarter * 250);
    expect(meter.bitrate(2_000, 1_000)).toBe(800_000);
    expect(meter.bitrate(2_000)).toBe(2_000_000);
  });

  it('lets the bitrate fall when nothing more is received', () => {
    const meter = new UploadMeter();
    meter.receive(125_000, 0);
    meter.receive(250_000, 1_000);
    expect(meter.bitrate(2_000)).toBe(1_000_000);
    expect(meter.bitrate(6_000)).toBe(200_000);
  });
});
