import { SluiceError } from '../../../src/protocol/error-code';
import { PublisherSeats } from '../../../src/publish/publisher-seats';

function codeOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    return error instanceof SluiceError ? error.code : String(error);
  }
  return 'taken';
}

describe('the seats of publishers', () => {
  it('are counted by streams for each key, and free again when a publisher has gone', () => {
    const seats = new PublisherSeats({ maxPublishersPerKey: 2 });
    const leave = seats.take('studio', 'cam1');
    seats.take('studio', 'cam2');
    expect(codeOf(() => seats.take('studio', 'cam3'))).toBe('too-many');
    expect(codeOf(() => seats.take('other', 'cam3'))).toBe('taken');
    leave();
    leave();
    expect(codeOf(() => seats.take('studio', 'cam3'))).toBe('taken');
    expect(codeOf(() => seats.check('studio', 'cam1'))).toBe('too-many');
  });

  it('are not needed twice by whoever comes again while its old connection is still there', () => {
    const seats = new PublisherSeats({ maxPublishersPerKey: 1 });
    const leaveOld = seats.take('studio', 'cam');
    seats.take('studio', 'cam');
    leaveOld();
    expect(codeOf(() => seats.take('studio', 'other'))).toBe('too-many');
  });
});
