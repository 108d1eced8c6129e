import { readExposition } from '../support/exposition';
import { connectPublisher, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
});

afterEach(() => relay.close());

async function countedFaults(): Promise<number | undefined> {
  const text = await (await fetch(`${relay.url}/metrics`)).text();
  return readExposition(text).get('sluice_internal_errors_total')?.series[0]?.value;
}

function broken(): never {
  throw new Error('broken by the test');
}

describe('what nobody foresaw', () => {
  it('in a listener of a stream is counted and logged with its stack, a flood of it as few lines, and viewers miss nothing', async () => {
    const { init, fragments } = await sampleMedia();
    const publisher = await connectPublisher(relay.wsUrl, 'cam');
    await send(publisher, init);
    relay.registry.get('cam')!.listen({ epochBegan: broken, chunkHeld: broken, ended: broken });
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    await viewer.nextMedia();
    for (let round = 0; round < 4; round++) await send(publisher, ...fragments);
    const faults = relay.logged.filter(({ message }) => message === 'Internal error');
    expect(faults[0]).toMatchObject({ level: 'error', fields: { where: 'a listener of a stream', err: expect.objectContaining({ message: 'broken by the test' }) as Error } });
    expect(await countedFaults()).toBe(4 * fragments.length);
    expect(faults.length).toBeLessThan(4 * fragments.length);
    publisher.tell({ type: 'end' });
    expect(await viewer.closed).toMatchObject({ reason: 'ended' });
  });

  it('in an answer to a request is told without details, and logged once with them', async () => {
    relay.registry.list = broken;
    const response = await fetch(`${relay.url}/api/streams`);
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: { code: 'internal', message: 'Something went wrong in the relay' } });
    expect(relay.logged.filter(({ message }) => message === 'Internal error')).toMatchObject([{ fields: { where: 'a request', path: '/api/streams', err: { message: 'broken by the test' } } }]);
    expect(await countedFaults()).toBe(1);
  });

  it('in a message of a socket closes it with a code, and is logged once', async () => {
    relay.registry.watch = broken;
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    expect(await viewer.next('error')).toMatchObject({ code: 'internal' });
    expect(await viewer.closed).toMatchObject({ code: 1011 });
    expect(relay.logged.filter(({ message }) => message === 'Internal error')).toMatchObject([{ fields: { where: 'a socket' } }]);
    expect(await countedFaults()).toBe(1);
  });
});
