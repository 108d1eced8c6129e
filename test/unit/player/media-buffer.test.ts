import { MediaBuffer } from '../../../player/video/media-buffer';
import { attached, FakeMediaSource, type FakeSourceBuffer } from '../../support/fake-media-source';
import { FTYP, fragment, VIDEO, VIDEO_MOOV } from '../../support/mp4-boxes';
import { joinBytes } from '../../support/container-parser-contract';

const [MIME, OTHER] = ['video/mp4; codecs="avc1.42c01e"', 'video/mp4; codecs="avc1.640028"'];
const INIT = joinBytes([FTYP, VIDEO_MOOV]);

/** A second of media that begins at `time`, seconds. */
function second(time: number): Uint8Array {
  return fragment([{ id: VIDEO, time: time * 1000, samples: [{ duration: 1000, data: 'x' }] }]);
}

/** A buffer, its media source, and what it told. */
function make(): { buffer: MediaBuffer; source: FakeMediaSource; told: string[]; work: () => FakeSourceBuffer } {
  const told: string[] = [];
  const buffer = new MediaBuffer({
    made: (attachment) => told.push(attached(attachment) === FakeMediaSource.last ? 'made' : 'made another'),
    appended: () => told.push('appended'),
    failed: (reason) => told.push(`failed: ${reason}`),
  });
  const source = FakeMediaSource.last;
  return { buffer, source, told, work: () => source.buffer! };
}

/** A buffer that is open, with an epoch begun and so many seconds in it. */
function filled(seconds: number): ReturnType<typeof make> {
  const made = make();
  made.source.open();
  made.buffer.beginEpoch(MIME, 0);
  made.buffer.append(INIT);
  for (let time = 0; time < seconds; time++) made.buffer.append(second(time));
  made.work().finishAll();
  made.work().done.length = 0;
  made.told.length = 0;
  return made;
}

describe('MediaBuffer', () => {
  let uninstall: () => void;
  beforeEach(() => (uninstall = FakeMediaSource.install(MIME, OTHER)));
  afterEach(() => uninstall());

  it('gives its media source away at once, and keeps what comes until that opens', () => {
    const { buffer, source, told, work } = make();
    expect(told).toEqual(['made']);
    buffer.beginEpoch(MIME, 0);
    buffer.append(INIT);
    buffer.append(second(0));
    expect(source.buffer).toBeUndefined();
    source.open();
    work().finishAll();
    expect(source.duration).toBe(Infinity);
    expect(work().ranges).toEqual([[0, 1]]);
    expect(told).toEqual(['made', 'appended', 'appended']);
  });

  it('appends one piece at a time, in order, whatever comes meanwhile', () => {
    const { buffer, work, told } = filled(1);
    buffer.append(second(1));
    buffer.append(second(2));
    buffer.remove(1);
    buffer.append(second(3));
    expect(work().done).toEqual(['append 1']);
    work().finish();
    expect(work().done).toEqual(['append 1', 'append 2']);
    work().finishAll();
    expect(work().done).toEqual(['append 1', 'append 2', 'remove to 1', 'append 3']);
    expect(work().ranges).toEqual([[1, 4]]);
    expect(told).toEqual(['appended', 'appended', 'appended', 'appended']);
  });

  it('removes nothing where there is nothing to remove, and goes on', () => {
    const { buffer, work } = filled(1);
    buffer.remove(0);
    buffer.append(second(1));
    work().finishAll();
    expect(work().done).toEqual(['append 1']);
  });

  it('removes what is expendable when the browser takes no more, and then appends what it could not', () => {
    const { buffer, source, work, told } = filled(5);
    source.capacity = 5;
    buffer.expendable = 3;
    buffer.append(second(5));
    buffer.append(second(6));
    work().finishAll();
    expect(work().done).toEqual(['remove to 3', 'append 5', 'append 6']);
    expect(work().ranges).toEqual([[3, 7]]);
    expect(told.filter((event) => event !== 'appended')).toEqual([]);
  });

  it('fails with a reason when the browser takes no more and nothing is expendable', () => {
    const { buffer, source, work, told } = filled(5);
    source.capacity = 5;
    buffer.append(second(5));
    expect(told).toEqual(['failed: The browser refuses this media: The SourceBuffer is full']);
    buffer.append(second(6));
    expect(work().done).toEqual([]);
    expect(told).toHaveLength(1);
  });

  it('fails when removing all that is expendable was not enough', () => {
    const { buffer, source, work, told } = filled(5);
    source.capacity = 3;
    buffer.expendable = 1;
    buffer.append(second(5));
    work().finishAll();
    expect(work().done).toEqual(['remove to 1']);
    expect(told.at(-1)).toBe('failed: The browser refuses this media: The SourceBuffer is full');
  });

  it('fails when more waits than a browser that works ever leaves', () => {
    const { buffer, told } = make();
    const piece = new Uint8Array(16 << 20);
    for (let i = 0; i < 3; i++) buffer.append(piece);
    expect(told).toEqual(['made']);
    buffer.append(piece);
    expect(told).toEqual(['made', 'failed: The browser takes no more media']);
  });

  it('fails when the browser does not know the type after all', () => {
    const { buffer, source, told } = make();
    source.open();
    buffer.beginEpoch('video/mp4; codecs="none"', 0);
    expect(told).toEqual(['made', 'failed: The browser refuses this media: Unsupported type']);
  });

  it('places an epoch by its offset, behind what is there', () => {
    const { buffer, work } = filled(2);
    buffer.append(second(2));
    buffer.beginEpoch(MIME, 3);
    buffer.append(INIT);
    buffer.append(second(0));
    work().finishAll();
    expect(work().done).toEqual(['append 2', 'abort', 'init', 'append 3']);
    expect(work().ranges).toEqual([[0, 4]]);
  });

  it('changes the type with an epoch of another', () => {
    const { buffer, work, told } = filled(1);
    buffer.beginEpoch(OTHER, 1);
    buffer.append(INIT);
    buffer.append(second(0));
    work().finishAll();
    expect(work().done).toEqual(['abort', `type ${OTHER}`, 'init', 'append 1']);
    expect(work().mime).toBe(OTHER);
    expect(told).toEqual(['appended', 'appended']);
  });

  it('lets the video go up to where it is told, from the first media there is', () => {
    const { buffer, source, work } = filled(3);
    buffer.remove(1);
    work().finishAll();
    buffer.setLiveEdge(2.5);
    expect(source.seekable).toEqual([1, 2.5]);
    buffer.setLiveEdge(0.5);
    expect(source.seekable).toEqual([1, 2.5]);
  });

  it('ends the video behind all that has come', () => {
    const { buffer, source, work } = filled(1);
    buffer.append(second(1));
    buffer.end();
    expect(source.readyState).toBe('open');
    work().finishAll();
    expect(source.readyState).toBe('ended');
    expect(work().ranges).toEqual([[0, 2]]);
    buffer.append(second(2));
    expect(work().done).toEqual(['append 1']);
  });

  it('neither takes nor tells anything once it is closed', () => {
    const { buffer, work, told } = filled(1);
    buffer.append(second(1));
    buffer.append(second(2));
    buffer.close();
    buffer.close();
    buffer.append(second(3));
    buffer.setLiveEdge(9);
    work().finishAll();
    expect(work().done).toEqual(['append 1']);
    expect(told).toEqual([]);
  });

  it('does nothing if its media source opens after it was closed', () => {
    const { buffer, source } = make();
    buffer.beginEpoch(MIME, 0);
    buffer.close();
    source.open();
    expect(source.duration).toBeNaN();
    expect(source.buffer).toBeUndefined();
  });
});
