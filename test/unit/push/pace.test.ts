import { allocateMedia, type Chunk } from '../../../src/media/chunk';
import { InFlight } from '../../../src/push/in-flight';
import { Pacer } from '../../../src/push/pacer';

const at = (start: number): Chunk => ({ bytes: allocateMedia(1), joinable: true, hasVideo: true, start, end: start + 0.04, spans: [] });

describe('the pace', () => {
  it('is that at which media plays, from the first chunk on', () => {
    const pacer = new Pacer();
    expect(pacer.due(at(7), 1_000)).toBe(1_000);
    expect(pacer.due(at(8.5), 1_010)).toBe(2_500);
  });

  it('rushes nothing after a wait', () => {
    const pacer = new Pacer();
    pacer.due(at(0), 0);
    pacer.due(at(1), 0);
    pacer.settle(at(1), 5_000);
    expect(pacer.due(at(1), 5_000)).toBe(5_000);
    expect(pacer.due(at(2), 5_000)).toBe(6_000);
  });

  it('makes good a little delay', () => {
    const pacer = new Pacer();
    pacer.due(at(0), 0);
    pacer.settle(at(1), 1_400);
    expect(pacer.due(at(2), 1_400)).toBe(2_000);
  });

  it('begins anew where timestamps jump', () => {
    const pacer = new Pacer();
    pacer.due(at(100), 0);
    expect(pacer.due(at(0), 50)).toBe(50);
    expect(pacer.due(at(3_600), 60)).toBe(60);
  });
});

describe('what is on its way', () => {
  it('is as old as its oldest write that is not confirmed', () => {
    const flight = new InFlight();
    expect(flight.lag(99)).toBe(0);
    flight.write(100, 1_000);
    flight.write(100, 1_200);
    expect(flight.lag(1_500)).toBe(500);
    flight.confirm(100, 1_500);
    expect(flight.lag(1_500)).toBe(300);
    flight.confirm(200, 1_600);
    expect(flight.lag(1_600)).toBe(0);
  });

  it('is no more than the relay takes in two seconds, once that is known', () => {
    const flight = new InFlight();
    flight.write(600_000, 0);
    expect(flight.hasRoom).toBe(false);
    flight.confirm(500_000, 1_000);
    flight.write(800_000, 1_000);
    expect(flight.hasRoom).toBe(true);
    flight.write(200_000, 1_000);
    expect(flight.hasRoom).toBe(false);
  });
});
