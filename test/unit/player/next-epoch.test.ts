import { NextEpoch } from '../../../player/video/next-epoch';

const INDEX = 'http://relay/hls/cam/index.m3u8?token=secret';
const MULTIVARIANT = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmedia.m3u8?session=s1\n';

/** A media playlist with these init segments. */
function playlist(...inits: readonly string[]): string {
  return `#EXTM3U\n${inits.map((init) => `#EXT-X-MAP:URI="${init}"\n#EXTINF:2,\n1.m4s\n`).join('')}`;
}

/** A relay that answers with what the test has put there, and what was asked of it. */
class Answers {
  readonly asked: string[] = [];
  index: string | number = MULTIVARIANT;
  media: string | number | Error = playlist('t/init1.mp4');

  readonly fetch = (url: URL): Promise<Response> => {
    this.asked.push(`${url.pathname}${url.search}`);
    const answer = url.pathname.endsWith('index.m3u8') ? this.index : this.media;
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(typeof answer === 'string' ? new Response(answer) : new Response('', { status: answer }));
  };
}

describe('the next epoch over HLS', () => {
  let answers: Answers;
  let begun: jest.Mock;

  beforeEach(() => {
    jest.useFakeTimers();
    answers = new Answers();
    begun = jest.fn();
  });
  afterEach(() => jest.useRealTimers());

  const wait = (failed?: string): NextEpoch => new NextEpoch({ index: new URL(INDEX), failed, begun, fetch: answers.fetch });
  const look = (times = 1): Promise<void> => jest.advanceTimersByTimeAsync(times * 5_000);

  it('is looked for every five seconds, in the one session', async () => {
    const next = wait('http://relay/hls/cam/t/init1.mp4');
    await look(2);
    expect(answers.asked).toEqual(['/hls/cam/index.m3u8?token=secret', '/hls/cam/media.m3u8?session=s1', '/hls/cam/media.m3u8?session=s1']);
    expect(begun).not.toHaveBeenCalled();
    next.close();
  });

  it('has begun when nothing of the one that failed is listed any more', async () => {
    wait('http://relay/hls/cam/t/init1.mp4');
    await look();
    answers.media = playlist('t/init1.mp4', 't/init2.mp4');
    await look();
    expect(begun).not.toHaveBeenCalled();
    answers.media = playlist('t/init2.mp4');
    await look();
    expect(begun).toHaveBeenCalledTimes(1);
    await look(3);
    expect(begun).toHaveBeenCalledTimes(1);
  });

  it('is another than the newest that was listed first, where nobody says which has failed', async () => {
    wait();
    await look(2);
    expect(begun).not.toHaveBeenCalled();
    answers.media = playlist('t/init2.mp4');
    await look();
    expect(begun).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['the stream is over', `${playlist('t/init1.mp4')}#EXT-X-ENDLIST\n`],
    ['there is no stream', 404],
  ])('is all that can come when %s', async (_, answer) => {
    wait();
    await look();
    answers.media = answer;
    await look();
    expect(begun).toHaveBeenCalledTimes(1);
  });

  it('is all that can come when the stream is over before the first look', async () => {
    wait();
    answers.index = 404;
    await look();
    expect(begun).toHaveBeenCalledTimes(1);
  });

  it('is looked for again after an answer that says nothing of it', async () => {
    wait();
    await look();
    for (const answer of [503, new TypeError('Failed to fetch'), '']) {
      answers.media = answer;
      await look();
    }
    expect(begun).not.toHaveBeenCalled();
    answers.media = playlist('t/init2.mp4');
    await look();
    expect(begun).toHaveBeenCalledTimes(1);
  });

  it('is looked for no more once that is closed', async () => {
    const next = wait();
    next.close();
    next.close();
    await look(3);
    expect(answers.asked).toEqual([]);
  });
});
