import { TestSocket } from './test-socket';

/** Connects a publisher that speaks `sluice.v1`. */
export async function connectPublisher(wsUrl: string, name: string, query = ''): Promise<TestSocket> {
  const publisher = await TestSocket.speaking(`${wsUrl}/publish/${name}${query}`);
  await publisher.next('ready');
  return publisher;
}

/** Sends media, and waits until the relay has taken all of it. */
export async function send(publisher: TestSocket, ...media: readonly Uint8Array[]): Promise<void> {
  for (const part of media) publisher.send(part);
  await answered(publisher);
}

let lastId = 0;

/** Waits until the relay has heeded everything that was sent before, and until all that it sent before is here. */
export async function answered(client: TestSocket): Promise<void> {
  const id = ++lastId;
  client.tell({ type: 'ping', id });
  for (;;) {
    const pong = await client.next('pong');
    if (pong.id === id) return;
  }
}
