import { Recording } from '../../../player/publisher/recording';
import { FakeRecorder } from '../../support/fake-recorder';

const STREAM = {} as MediaStream;

function record(): { recording: Recording; recorder: FakeRecorder; told: unknown[] } {
  const told: unknown[] = [];
  let recorder: FakeRecorder | undefined;
  const recording = new Recording(
    {
      stream: STREAM,
      mime: 'video/webm',
      videoBitrate: 1_000,
      audioBitrate: 100,
      create: (stream, options) => (recorder = new FakeRecorder(stream, options)) as unknown as MediaRecorder,
    },
    { data: ({ size }) => told.push(size), failed: (error) => told.push(error) },
  );
  return { recording, recorder: recorder!, told };
}

describe('Recording', () => {
  it('asks for a keyframe a second, and for pieces of a frame', () => {
    const { recorder } = record();
    expect(recorder.options).toEqual({ mimeType: 'video/webm', videoBitsPerSecond: 1_000, audioBitsPerSecond: 100, videoKeyFrameIntervalDuration: 1_000 });
    expect(recorder.timeslice).toBeLessThanOrEqual(100);
  });

  it('hands on every piece that isn’t empty, the last one included, before it counts as stopped', async () => {
    const { recording, recorder, told } = record();
    recorder.give(3);
    recorder.give(0);
    const stopped = recording.stop().then(() => told.push('stopped'));
    recorder.flush(5);
    await stopped;
    expect(told).toEqual([3, 5, 'stopped']);
  });

  it('stops only once, however often it is told', async () => {
    const { recording, recorder, told } = record();
    const stopped = Promise.all([recording.stop(), recording.stop()]);
    recorder.flush();
    await stopped;
    await recording.stop();
    expect(told).toEqual([1]);
  });

  it('doesn’t wait for ever for a recorder that hangs', async () => {
    jest.useFakeTimers();
    const { recording } = record();
    const stopped = recording.stop();
    await jest.advanceTimersByTimeAsync(2_000);
    await stopped;
    jest.useRealTimers();
  });

  it('tells when the recorder gives up by itself, and why', async () => {
    const { recorder, told } = record();
    const error = new Error('The encoder is gone');
    recorder.fail(error);
    await Promise.resolve();
    expect(told).toEqual([1, error]);
  });

  it('hands on nothing that comes after it was discarded', async () => {
    const { recording, recorder, told } = record();
    recording.discard();
    recording.discard();
    recorder.flush();
    await Promise.resolve();
    expect(told).toEqual([]);
    expect(recorder.state).toBe('inactive');
  });
});
