import { readFileSync } from 'node:fs';
import { EXIT } from '../../src/push/push-error';
import { H264_AAC, testPicture } from '../support/ffmpeg';
import { file, film, frames, gap, HEAVY, link, parse, push, relay, startAgain, useRelay, watch } from '../support/push-relay';

useRelay();

describe('a relay that is lost', () => {
  it('and starts again is told of, and goes on with the same film', async () => {
    const { port } = relay;
    const earlier = await watch();
    const pushing = push(await film(6));
    await pushing.telling('progress', ({ time }) => Number(time) > 1);
    await relay.close();
    await pushing.telling('lost');
    await startAgain(port);
    const viewer = await watch();
    await pushing.telling('live', ({ again }) => again === true);
    expect((await pushing.ended).status).toBe(EXIT.ended);
    await viewer.closed;
    const seen = frames(viewer.media);
    expect(gap(seen)).toBeLessThan(60);
    expect(seen.at(-1)).toBeGreaterThan(5_900);
    // Between them, the viewers of both relays have seen all of it.
    expect(gap([...frames(earlier.media), ...seen].sort((a, b) => a - b))).toBeLessThan(60);
  });

  it('and stays away is given up after the time that is set', async () => {
    const pushing = push('test:', ['--size', '160x90', '--retry', '1']);
    await pushing.telling('live');
    await relay.close();
    const { status, stderr } = await pushing.ended;
    expect({ status, stderr }).toEqual({ status: EXIT.unreachable, stderr: expect.stringContaining('Cannot reach the relay at') });
  });

  /** Publishes a film whose way to the relay is shut for so many seconds. */
  async function publishWithOutage(outage: number): Promise<void> {
    const way = await link();
    const viewer = await watch();
    const pushing = push(await film(6), [], { url: way.url });
    await pushing.telling('progress', ({ time }) => Number(time) > 1.5);
    way.limit(0);
    await new Promise((resolve) => setTimeout(resolve, outage * 1000));
    way.limit(Infinity);
    expect((await pushing.ended).status).toBe(EXIT.ended);
    await viewer.closed;
    expect(frames(viewer.media)).toHaveLength(180);
    // An outage that TCP outlasts is none to viewers; a longer one is another epoch.
    expect(parse(viewer.media).inits).toHaveLength(outage < 8 ? 1 : 2);
    expect(pushing.told.filter(({ type }) => type === 'lost').length > 0).toBe(outage > 8);
  }

  it('for 1 s costs a file no frame', () => publishWithOutage(1));

  it.each([5, 30])('for %d s costs a file no frame (long)', publishWithOutage);

  it('for longer than --timeout costs a file no frame once all of it has been read', async () => {
    const path = await film(3);
    const way = await link();
    const viewer = await watch();
    const pushing = push(path, ['--timeout', '1'], { url: way.url });
    // ffmpeg reads 2 s ahead: it has ended soon after.
    const { elapsed: at } = await pushing.telling('progress', ({ time }) => Number(time) > 1);
    way.limit(0);
    await pushing.telling('progress', ({ elapsed }) => Number(elapsed) > Number(at) + 5);
    way.limit(Infinity);
    const { status, stderr } = await pushing.ended;
    expect({ status, stderr }).toMatchObject({ status: EXIT.ended });
    await viewer.closed;
    expect(frames(viewer.media)).toHaveLength(90);
  });

  it('for a while costs what is live whole GOPs, and it is live again behind them', async () => {
    const way = await link();
    const viewer = await watch();
    const pushing = push('test:', ['--bitrate', '1M'], { url: way.url });
    await pushing.telling('progress', ({ time }) => Number(time) > 2);
    way.limit(0);
    await pushing.telling('progress', ({ dropped }) => Number(dropped) > 3);
    way.limit(Infinity);
    await pushing.telling('dropped');
    const { elapsed } = pushing.told.findLast(({ type }) => type === 'progress')!;
    await pushing.telling('progress', (told) => Number(told['elapsed']) > Number(elapsed) + 3 && Number(told['lag']) < 1);
    pushing.process.kill('SIGINT');
    await pushing.ended;
    await viewer.closed;
    const picture = parse(viewer.media).chunks.filter(({ hasVideo }) => hasVideo);
    const jumps = picture.filter(({ start }, at) => at > 0 && start - picture[at - 1]!.start > 0.5);
    expect(jumps.length).toBeGreaterThan(0);
    expect(jumps.every(({ joinable }) => joinable)).toBe(true);
  });
});

describe('a way that lets through 80 % of what is needed', () => {
  it('makes a file slower, and costs it nothing', async () => {
    const path = await film(4, HEAVY);
    const way = await link();
    way.limit(Math.round((readFileSync(path).length / 4) * 0.8));
    const viewer = await watch();
    const pushing = push(path, [], { url: way.url });
    expect((await pushing.ended).status).toBe(EXIT.ended);
    await viewer.closed;
    expect(frames(viewer.media)).toHaveLength(120);
    expect(pushing.told.filter(({ type }) => type === 'dropped' || type === 'lost')).toEqual([]);
  });

  it('costs what is live some of its GOPs, and keeps it within 5 s', async () => {
    const path = await file('camera.ts', [...testPicture(25), ...H264_AAC, ...HEAVY]);
    const bytes = readFileSync(path);
    const way = await link();
    way.limit(Math.round((bytes.length / 25) * 0.8));
    const pushing = push(path, ['--live'], { url: way.url });
    await pushing.telling('dropped');
    const lags = pushing.told.filter(({ type }) => type === 'progress').map(({ lag }) => Number(lag));
    expect(Math.max(...lags)).toBeLessThan(5);
    pushing.process.kill('SIGINT');
    await pushing.ended;
  });
});
