import { BitrateMeter } from '../../../src/relay/bitrate-meter';

describe('a bitrate meter', () => {
  it('counts the first second as it comes', () => {
    const meter = new BitrateMeter();
    expect(meter.value).toBe(0);
    meter.add(100);
    expect(meter.value).toBe(800);
  });

  it('averages over the last five whole seconds', () => {
    const meter = new BitrateMeter();
    for (const bytes of [1_000_000, 100, 200, 300, 400, 500]) {
      meter.add(bytes);
      meter.tick();
    }
    meter.add(1_000_000);
    expect(meter.value).toBe(300 * 8);
  });
});
