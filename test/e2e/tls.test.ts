import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { fingerprintOf, selfSign, type TlsCredentials } from '../../src/http/tls-credentials';
import { StartError } from '../../src/base/start-error';
import { SUBPROTOCOL } from '../../src/protocol/subprotocol';
import { FRAGMENTED, ffmpeg, H264_AAC, testPicture } from '../support/ffmpeg';
import { answered, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

let folder: string;
let relay: TestRelay | undefined;
const clients: TestSocket[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  await relay?.close();
  relay = undefined;
  rmSync(folder, { recursive: true });
});

async function open(url: string): Promise<TestSocket> {
  const client = new TestSocket(new WebSocket(url, [SUBPROTOCOL], { rejectUnauthorized: false }));
  clients.push(client);
  await once(client.socket, 'open');
  return client;
}

/** The certificate that a new connection is shown, by its fingerprint. */
async function shown({ port }: TestRelay): Promise<string> {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

function write({ cert, key }: TlsCredentials): { kind: 'files'; cert: string; key: string } {
  const files = { kind: 'files', cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') } as const;
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  return files;
}

describe('a relay with a certificate made for this run', () => {
  it('serves pages, publishers and viewers over TLS', async () => {
    relay = await startRelay({ tls: { kind: 'self-signed' } });
    expect(relay.url).toMatch(/^https:/);
    const request = get(`${relay.url}/health/ready`, { rejectUnauthorized: false });
    const [{ statusCode }] = (await once(request, 'response')) as [{ statusCode: number }];
    expect(statusCode).toBe(200);
    request.destroy();
    const media = await sampleMedia();
    const publisher = await open(`${relay.wsUrl}/publish/cam`);
    await send(publisher, media.init, ...media.fragments.slice(0, 3));
    const viewer = await open(`${relay.wsUrl}/watch/cam`);
    await answered(viewer);
    expect(viewer.media.length).toBeGreaterThan(media.init.length);
  });

  it('takes what ffmpeg pushes', async () => {
    relay = await startRelay({ tls: { kind: 'self-signed' } });
    const { status, stderr } = await ffmpeg([...testPicture(1), ...H264_AAC, '-movflags', FRAGMENTED, '-f', 'mp4', '-method', 'PUT', `${relay.url}/publish/cam`]);
    expect([status, stderr]).toEqual([0, '']);
    // It never reads, and TLS 1.3 gives it tickets to read: what it sends last may be lost with its connection.
    expect(relay.logged.some(({ message }) => message === 'Publisher is live')).toBe(true);
  });

  it('flushes to a slow viewer what is queued when it stops, and ends in order', async () => {
    relay = await startRelay({ tls: { kind: 'self-signed' } });
    const media = await sampleMedia();
    await send(await open(`${relay.wsUrl}/publish/cam`), media.init, ...media.fragments);
    const viewer = await open(`${relay.wsUrl}/watch/cam`);
    await answered(viewer);
    await relay.close();
    expect(await viewer.closed).toMatchObject({ code: 1012 });
    expect(viewer.events.at(-1)).toEqual({ type: 'end', reason: 'restart' });
  });

  it('isn’t kept from stopping by a connection that never begins TLS', async () => {
    relay = await startRelay({ tls: { kind: 'self-signed' } });
    const silent = connectTcp(relay.port, '127.0.0.1');
    await once(silent, 'connect');
    const closed = once(silent, 'close');
    await relay.close();
    await closed;
  });
});

describe('a relay with a certificate from a file', () => {
  it('shows a renewed one to who comes, and drops nobody', async () => {
    const [first, second] = [await selfSign([]), await selfSign([])];
    relay = await startRelay({ tls: write(first) });
    expect(await shown(relay)).toBe(fingerprintOf(first));
    const viewer = await open(`${relay.wsUrl}/watch/cam`);
    write(second);
    await relay.reload();
    expect(await shown(relay)).toBe(fingerprintOf(second));
    await answered(viewer);
  });

  it('goes on with the old one while the new one can’t be used, and says so', async () => {
    const [first, second] = [await selfSign([]), await selfSign([])];
    relay = await startRelay({ tls: write(first) });
    write({ cert: second.cert, key: first.key });
    await relay.reload();
    expect(await shown(relay)).toBe(fingerprintOf(first));
    expect(relay.logged.at(-1)).toMatchObject({ level: 'error', message: 'The certificate stays as it was' });
    expect(JSON.stringify(relay.logged)).not.toContain('PRIVATE KEY');
  });

  it('doesn’t start with files that don’t belong together, or aren’t there', async () => {
    const [first, second] = [await selfSign([]), await selfSign([])];
    await expect(startRelay({ tls: write({ cert: first.cert, key: second.key }) })).rejects.toThrow(StartError);
    await expect(startRelay({ tls: { kind: 'files', cert: join(folder, 'none.pem'), key: join(folder, 'none.pem') } })).rejects.toThrow('Cannot read --tls-cert');
  });
});
