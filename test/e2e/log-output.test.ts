import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/package';
import { eventually } from '../support/eventually';
import { Fifo } from '../support/fifo';
import { connectPublisher, send } from '../support/publishing';
import { push } from '../support/push';
import { sampleMedia } from '../support/sample-media';
import { SluiceCommand } from '../support/sluice-command';
import { TestSocket } from '../support/test-socket';

/** The built log of a process. */
const CREATE_LOG = join(packageRoot(), 'dist', 'server', 'base', 'create-log.js');
const EACH_REQUEST = ['serve', '--port', '0', '--no-demo', '--log-level', 'debug'];

let fifo: Fifo;

beforeEach(() => {
  fifo = new Fifo();
});

afterEach(async () => {
  await SluiceCommand.killAll();
  fifo.remove();
});

/** A relay that logs every request to `stderr`, once it has printed its address. */
async function start(stderr: number): Promise<{ relay: SluiceCommand; url: string }> {
  const relay = SluiceCommand.start(EACH_REQUEST, { stdio: ['ignore', 'pipe', stderr] });
  return { relay, url: await eventually('the address is printed', () => /Dashboard +(http:\S+)\//.exec(relay.stdout)?.[1]) };
}

/** Publishes and watches, and gives what the viewer has got. */
async function passOn(url: string): Promise<number> {
  const wsUrl = url.replace('http', 'ws');
  const { init, fragments } = await sampleMedia();
  const publisher = await connectPublisher(wsUrl, 'cam');
  await send(publisher, init);
  const viewer = await TestSocket.speaking(`${wsUrl}/watch/cam`);
  await send(publisher, ...fragments.slice(0, 3));
  const { length } = await viewer.nextMedia();
  publisher.socket.close();
  viewer.socket.close();
  return length;
}

async function endInOrder(relay: SluiceCommand): Promise<void> {
  relay.process.kill('SIGTERM');
  expect((await relay.ended).status).toBe(0);
}

describe('a relay whose log', () => {
  it.each([
    ['can’t be written since the disk is full', () => openSync('/dev/full', 'w')],
    ['has no reader any more', () => {
      const writer = fifo.openWriter();
      fifo.closeReader();
      return writer;
    }],
  ])('%s goes on, and ends in order', async (_what, open) => {
    const stderr = open();
    const { relay, url } = await start(stderr);
    for (let count = 0; count < 50; count++) expect((await push(`${url}/health/live`, '', { method: 'GET' })).status).toBe(200);
    expect(await passOn(url)).toBeGreaterThan(0);
    await endInOrder(relay);
  });

  it('isn’t read goes on meanwhile, and its lines are there once they are read', async () => {
    fifo.fill();
    const { relay, url } = await start(fifo.openWriter());
    for (let count = 0; count < 10; count++) expect((await push(`${url}/health/live?count=${count}`, '', { method: 'GET' })).status).toBe(200);
    expect(await passOn(url)).toBeGreaterThan(0);
    let read = '';
    await eventually('the lines are read', () => (read += fifo.read()).includes('"Publisher is live"'));
    expect(read.split('"Request is over"').length).toBeGreaterThanOrEqual(10);
    await endInOrder(relay);
  });

  it('is never read ends in order all the same', async () => {
    fifo.fill();
    const { relay, url } = await start(fifo.openWriter());
    expect(await passOn(url)).toBeGreaterThan(0);
    await endInOrder(relay);
  });

  it('goes the way of its addresses goes on when nobody reads either any more', async () => {
    const { relay, url } = await start(fifo.openWriter());
    fifo.closeReader();
    relay.process.stdout?.destroy();
    expect(await passOn(url)).toBeGreaterThan(0);
    await endInOrder(relay);
  });
});

describe('the log of a process', () => {
  it('waits for no reader, holds no more than it may, and says in place of the lines that it dropped how many they are', async () => {
    fifo.fill();
    const lines = 200_000;
    const program = `
      const log = require(${JSON.stringify(CREATE_LOG)}).createProcessLog('info');
      for (let number = 0; number < ${lines}; number++) log.info({ number, filler: 'x'.repeat(200) }, 'line');
      gc();
      const { heapUsed, external } = process.memoryUsage();
      process.stdout.write(JSON.stringify({ dropped: log.dropped, held: heapUsed + external }) + '\\n');
      process.stdin.on('data', () => { log.info({}, 'last'); process.exit(0); });
    `;
    const child = spawn(process.execPath, ['--expose-gc', '-e', program], { stdio: ['pipe', 'pipe', fifo.openWriter()] });
    const [text] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string];
    const { dropped, held } = JSON.parse(text) as { dropped: number; held: number };
    expect(held).toBeLessThan(64 << 20);
    let read = '';
    await eventually('the lines are read', () => (read += fifo.read()).includes('"dropped"'));
    child.stdin!.write('\n');
    await once(child, 'close');
    read += fifo.read();
    const written = read.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as { msg: string; number?: number; dropped?: number });
    expect(written.filter(({ msg }) => msg === 'line').map(({ number }) => number)).toEqual(Array.from({ length: lines - dropped }, (_, number) => number));
    expect(written.slice(-2).map(({ msg, dropped: count }) => [msg.slice(0, 27), count])).toEqual([['Lines of the log were dropp', dropped], ['last', undefined]]);
  });

  it('writes its last lines before the process ends', async () => {
    const program = `
      const log = require(${JSON.stringify(CREATE_LOG)}).createProcessLog('info');
      log.info({}, 'first');
      log.error({}, 'last');
      process.exit(7);
    `;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
    expect(await once(child, 'close')).toEqual([7, null]);
    expect(text.trim().split('\n').map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['first', 'last']);
  });
});
