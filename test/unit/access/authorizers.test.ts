import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { type AccessKey, hashKey, makeKey } from '../../../src/access/access-key';
import type { AccessAsk, Authorizer } from '../../../src/access/grant';
import { JwtAuthorizer } from '../../../src/access/jwt-authorizer';
import { KeyAuthorizer } from '../../../src/access/key-authorizer';
import { checkPermissions, type Permissions, PERMISSIONS, watchableOf } from '../../../src/access/permissions';
import { WebhookAuthorizer } from '../../../src/access/webhook-authorizer';
import { SluiceError } from '../../../src/protocol/error-code';
import { A_REQUEST } from '../../support/a-request';
import { authorizerContract } from '../../support/authorizer-contract';
import { codeOfAsync } from '../../support/code-of';
import { eventually } from '../../support/eventually';
import { FakeClock } from '../../support/fake-clock';

const SECRET = new TextEncoder().encode('a secret of at least 32 characters');
const ASK: AccessAsk = { action: 'watch', name: 'cam', credential: undefined, address: '203.0.113.7', request: A_REQUEST };
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A service on loopback. */
async function service(answer: (body: string, response: ServerResponse, request: IncomingMessage) => void): Promise<URL> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => answer(body, response, request));
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

/** A token with these claims; by default one that lets its bearer watch everything. */
function token({ claims = { watch: ['*'] }, audience = 'sluice', seconds = 60, clock = new FakeClock() }: { claims?: object; audience?: string; seconds?: number; clock?: FakeClock } = {}): SignJWT {
  const now = Math.floor(clock.wall() / 1000);
  return new SignJWT({ ...claims }).setAudience(audience).setExpirationTime(now + seconds).setSubject('ana');
}

authorizerContract('access by keys', () => {
  const clock = new FakeClock();
  const keys: AccessKey[] = [{ id: 'other', hash: hashKey(makeKey()), ...PERMISSIONS.parse({}) }];
  let authorizer = new KeyAuthorizer(keys, () => clock.wall());
  return Promise.resolve({
    authorizer: { authorize: (ask) => authorizer.authorize(ask), watchable: (ask) => authorizer.watchable(ask) },
    issue: (permissions, expiresAt) => {
      const key = makeKey();
      keys.push({ id: 'ana', hash: hashKey(key), ...PERMISSIONS.parse(permissions), ...(expiresAt !== undefined && { expires: new Date(expiresAt).toISOString() }) });
      authorizer = new KeyAuthorizer(keys, () => clock.wall());
      return Promise.resolve(key);
    },
    pass: (ms) => clock.pass(ms),
    wall: () => clock.wall(),
  });
});

authorizerContract('access by tokens with a shared secret', () => {
  const clock = new FakeClock();
  return Promise.resolve({
    authorizer: new JwtAuthorizer({ keys: { secret: SECRET }, audience: 'sluice', wall: () => clock.wall() }),
    issue: (permissions, expiresAt = clock.wall() + 3_600_000) =>
      token({ claims: permissions, clock, seconds: Math.ceil((expiresAt - clock.wall()) / 1000) }).setProtectedHeader({ alg: 'HS256' }).sign(SECRET),
    pass: (ms) => clock.pass(ms),
    wall: () => clock.wall(),
  });
});

authorizerContract('access by a webhook', async () => {
  const clock = new FakeClock();
  const issued = new Map<string, { permissions: Permissions; expiresAt: number | undefined }>();
  const url = await service((body, response) => {
    const { action, name, names = [], token: brought } = JSON.parse(body) as { action: AccessAsk['action'] | 'list'; name: string; names?: string[]; token?: string };
    const found = issued.get(brought ?? '');
    if (found === undefined || (found.expiresAt ?? Infinity) <= clock.wall()) {
      json(response, { allow: false, authenticated: false });
      return;
    }
    if (action === 'list') {
      json(response, { allow: true, names: [...watchableOf(found.permissions, names), 'unasked'] });
      return;
    }
    try {
      checkPermissions(found.permissions, { action, name });
      json(response, { allow: true, who: 'ana', ...(found.expiresAt !== undefined && { expires: found.expiresAt / 1000 }) });
    } catch {
      json(response, { allow: false });
    }
  });
  let count = 0;
  return {
    authorizer: new WebhookAuthorizer({ url, secret: 'x'.repeat(32), wall: () => clock.wall() }),
    issue: (permissions, expiresAt) => {
      const credential = `credential-${count++}`;
      issued.set(credential, { permissions: PERMISSIONS.parse(permissions), expiresAt });
      return Promise.resolve(credential);
    },
    pass: (ms) => clock.pass(ms),
    wall: () => clock.wall(),
  };
});

describe('a token', () => {
  const clock = new FakeClock();
  const bySecret = new JwtAuthorizer({ keys: { secret: SECRET }, audience: 'sluice', wall: () => clock.wall() });
  const come = (authorizer: Authorizer, credential: string): Promise<string> => codeOfAsync(() => authorizer.authorize({ ...ASK, credential }), 'granted');

  it('that is signed by the wrong key, by none, or by another algorithm is refused', async () => {
    const now = Math.floor(clock.wall() / 1000);
    const unsigned = new UnsecuredJWT({ watch: ['*'] }).setAudience('sluice').setExpirationTime(now + 60).encode();
    const otherKey = await token().setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode('another secret of 32 characters !'));
    const otherAlgorithm = await token().setProtectedHeader({ alg: 'HS512' }).sign(SECRET);
    for (const forged of [unsigned, otherKey, otherAlgorithm]) expect(await come(bySecret, forged)).toBe('not-authenticated');
  });

  it('for another audience, without one, without an end, not yet valid, or with claims of the wrong kind is refused', async () => {
    const now = Math.floor(clock.wall() / 1000);
    const sign = (made: SignJWT): Promise<string> => made.setProtectedHeader({ alg: 'HS256' }).sign(SECRET);
    const wrong = [
      token({ audience: 'other' }),
      new SignJWT({ watch: ['*'] }).setExpirationTime(now + 60),
      new SignJWT({ watch: ['*'] }).setAudience('sluice'),
      token().setNotBefore(now + 30),
      token({ claims: { watch: '*' } }),
      token({ claims: { watch: ['a.b'] } }),
      token({ claims: { admin: 'yes' } }),
    ];
    for (const made of wrong) expect(await come(bySecret, await sign(made))).toBe('not-authenticated');
    expect(await come(bySecret, await sign(token()))).toBe('granted');
  });

  it('of a key set is verified by its key, also one that was added later, and never by the public key as a secret', async () => {
    const keys: JWK[] = [];
    const url = await service((_body, response) => json(response, { keys }));
    const add = async (alg: 'ES256' | 'EdDSA' | 'RS256') => {
      const pair = await generateKeyPair(alg);
      const kid = `${alg}-${keys.length}`;
      keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg });
      return { kid, alg, key: pair.privateKey, publicJwk: keys.at(-1)! };
    };
    const first = await add('ES256');
    const authorizer = new JwtAuthorizer({ keys: { jwks: url }, audience: 'sluice', wall: () => clock.wall() });
    expect(await come(authorizer, await token().setProtectedHeader(first).sign(first.key))).toBe('granted');
    const confused = await token().setProtectedHeader({ alg: 'HS256', kid: first.kid }).sign(new TextEncoder().encode(JSON.stringify(first.publicJwk).padEnd(32)));
    expect(await come(authorizer, confused)).toBe('not-authenticated');
    const stranger = await generateKeyPair('ES256');
    expect(await come(authorizer, await token().setProtectedHeader({ alg: 'ES256', kid: 'unknown' }).sign(stranger.privateKey))).toBe('not-authenticated');
    const second = await add('EdDSA');
    const later = new JwtAuthorizer({ keys: { jwks: url }, audience: 'sluice', wall: () => clock.wall() });
    expect(await come(later, await token().setProtectedHeader(second).sign(second.key))).toBe('granted');
  });

  it('can’t be verified while the key set can’t be fetched, and says so', async () => {
    const url = await service((_body, response) => response.writeHead(500).end());
    const authorizer = new JwtAuthorizer({ keys: { jwks: url }, audience: 'sluice', wall: () => clock.wall() });
    const { privateKey } = await generateKeyPair('ES256');
    expect(await come(authorizer, await token().setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(privateKey))).toBe('access-unavailable');
  });
});

describe('a webhook', () => {
  it('is asked with a signed body that says who wants what', async () => {
    const asked: { body: string; signature: unknown }[] = [];
    const url = await service((body, response, { headers }) => {
      asked.push({ body, signature: headers['sluice-signature'] });
      json(response, { allow: true });
    });
    const authorizer = new WebhookAuthorizer({ url, secret: 'x'.repeat(32), wall: () => 1_700_000_000_500 });
    await authorizer.authorize({ action: 'publish', name: 'cam', credential: 'key', address: '203.0.113.7', request: A_REQUEST });
    expect(JSON.parse(asked[0]!.body)).toEqual({ action: 'publish', name: 'cam', token: 'key', address: '203.0.113.7', time: 1_700_000_000 });
    expect(asked[0]!.signature).toBe(`sha256=${createHmac('sha256', 'x'.repeat(32)).update(asked[0]!.body).digest('hex')}`);
  });

  it('is asked once by many who ask the same at once, and again once what it said has become old', async () => {
    let asked = 0;
    let allow = true;
    const url = await service((_body, response) => {
      asked++;
      json(response, { allow });
    });
    const clock = new FakeClock();
    const authorizer = new WebhookAuthorizer({ url, secret: 'x'.repeat(32), wall: () => clock.wall() });
    const ask = (): Promise<string> => codeOfAsync(() => authorizer.authorize({ ...ASK, credential: 'key' }), 'granted');
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['granted', 'granted', 'granted']);
    expect(asked).toBe(1);
    allow = false;
    clock.pass(9_000);
    expect(await ask()).toBe('granted');
    clock.pass(2_000);
    expect([await ask(), asked]).toEqual(['not-allowed', 2]);
    allow = true;
    clock.pass(2_001);
    expect([await ask(), asked]).toEqual(['granted', 3]);
  });

  it('is asked again once the grant that it gave has ended, however lately it was asked', async () => {
    const clock = new FakeClock();
    let asked = 0;
    let expiresAt = clock.wall() + 3_000;
    const url = await service((_body, response) => {
      asked++;
      json(response, { allow: true, expires: expiresAt / 1000 });
    });
    const authorizer = new WebhookAuthorizer({ url, secret: 'x'.repeat(32), wall: () => clock.wall() });
    const ask = async (): Promise<number | undefined> => (await authorizer.authorize({ ...ASK, credential: 'key' })).expiresAt;
    expect(await ask()).toBe(expiresAt);
    clock.pass(2_999);
    expect([await ask(), asked]).toEqual([expiresAt, 1]);
    expiresAt = clock.wall() + 60_000;
    clock.pass(1);
    expect([await ask(), asked]).toEqual([expiresAt, 2]);
  });

  it('that gives a grant which has ended already lets nobody in', async () => {
    const clock = new FakeClock();
    const url = await service((_body, response) => json(response, { allow: true, expires: clock.wall() / 1000 }));
    const authorizer = new WebhookAuthorizer({ url, secret: 'x'.repeat(32), wall: () => clock.wall() });
    expect(await codeOfAsync(() => authorizer.authorize({ ...ASK, credential: 'key' }))).toBe('not-authenticated');
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['answers with an error', (response) => response.writeHead(500).end()],
    ['answers with a redirect', (response) => response.writeHead(302, { Location: 'http://127.0.0.1/' }).end()],
    ['answers with no JSON', (response) => response.end('yes')],
    ['answers with another JSON', (response) => json(response, { allowed: true })],
    ['answers with "true" as text', (response) => json(response, { allow: 'true' })],
    ['answers without end', (response) => response.end(`{"allow":true,"x":"${'x'.repeat(100_000)}"}`)],
    ['breaks off', (response) => response.destroy()],
  ])('that %s lets nobody in, and is asked again', async (_what, answer) => {
    let asked = 0;
    const url = await service((_body, response) => {
      asked++;
      answer(response);
    });
    const authorizer = new WebhookAuthorizer({ url, secret: 'x'.repeat(32), wall: () => 0 });
    for (let count = 0; count < 2; count++) expect(await codeOfAsync(() => authorizer.authorize({ ...ASK, credential: 'key' }))).toBe('access-unavailable');
    expect(asked).toBe(2);
  });

  it('is asked once about a list of streams, and again once what it said has become old', async () => {
    const asked: object[] = [];
    const url = await service((body, response) => {
      asked.push(JSON.parse(body) as object);
      json(response, { allow: true, names: ['b', 'c'] });
    });
    const clock = new FakeClock();
    const authorizer = new WebhookAuthorizer({ url, secret: 'x'.repeat(32), wall: () => clock.wall() });
    const list = async (): Promise<string[]> => [...(await authorizer.watchable({ names: ['a', 'b', 'c'], credential: 'key', address: '203.0.113.7', request: A_REQUEST }))];
    expect(await Promise.all([list(), list(), list()])).toEqual(Array(3).fill(['b', 'c']));
    expect(asked).toEqual([{ action: 'list', names: ['a', 'b', 'c'], token: 'key', address: '203.0.113.7', time: expect.any(Number) }]);
    clock.pass(10_001);
    await list();
    expect(asked).toHaveLength(2);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['refuses it', (response) => json(response, { allow: false })],
    ['allows it without names', (response) => json(response, { allow: true })],
    ['answers it with an error', (response) => response.writeHead(400).end('what?')],
    ['answers it with another JSON', (response) => json(response, {})],
  ])('that knows no lists and %s is asked about each stream, few at a time, and about a list a minute later', async (_what, unknown) => {
    const asked: string[] = [];
    const underWay = { now: 0, most: 0 };
    const url = await service((body, response) => {
      const { action, name } = JSON.parse(body) as { action: string; name: string };
      asked.push(action);
      if (action === 'list') {
        unknown(response);
        return;
      }
      underWay.most = Math.max(underWay.most, ++underWay.now);
      setImmediate(() => {
        underWay.now--;
        json(response, { allow: name.endsWith('1') });
      });
    });
    const clock = new FakeClock();
    const authorizer = new WebhookAuthorizer({ url, secret: 'x'.repeat(32), wall: () => clock.wall() });
    const names = Array.from({ length: 40 }, (_, index) => `cam${index}`);
    const list = async (): Promise<string[]> => [...(await authorizer.watchable({ names, credential: 'key', address: '203.0.113.7', request: A_REQUEST }))];
    expect(await list()).toEqual(['cam1', 'cam11', 'cam21', 'cam31']);
    expect(await list()).toHaveLength(4);
    expect(asked).toHaveLength(41);
    expect(underWay.most).toBeLessThanOrEqual(8);
    clock.pass(60_001);
    await list();
    expect(asked.filter((action) => action === 'list')).toHaveLength(2);
  });

  it('that says that a token is none isn’t asked about each stream', async () => {
    let asked = 0;
    const url = await service((_body, response) => {
      asked++;
      json(response, { allow: false, authenticated: false });
    });
    const authorizer = new WebhookAuthorizer({ url, secret: 'x'.repeat(32), wall: () => 0 });
    expect((await authorizer.watchable({ names: ['a', 'b'], credential: 'none', address: '203.0.113.7', request: A_REQUEST })).size).toBe(0);
    expect(asked).toBe(1);
  });

  it.each([100, 2_000_000])('that fails leaves no connection open, however often it is asked: what it says is read, or given up (%d bytes)', async (size) => {
    const connections = new Set<unknown>();
    const url = await service((_body, response, { socket }) => {
      if (!connections.has(socket)) socket.once('close', () => connections.delete(socket));
      connections.add(socket);
      response.writeHead(500).end('x'.repeat(size));
    });
    const authorizer = new WebhookAuthorizer({ url, secret: 'x'.repeat(32), wall: () => 0 });
    for (let count = 0; count < 30; count++) {
      expect(await codeOfAsync(() => authorizer.authorize({ ...ASK, credential: `key${count}` }))).toBe('access-unavailable');
    }
    await eventually('few are open', () => connections.size <= 4);
  });

  it('that hangs is asked little at a time, by each address less than by all, and who waits for too long is told so', async () => {
    const open = new Map<string, ServerResponse[]>();
    const url = await service((body, response) => {
      const { address } = JSON.parse(body) as { address: string };
      open.set(address, [...(open.get(address) ?? []), response]);
    });
    const authorizer = new WebhookAuthorizer({ url, secret: 'x'.repeat(32), wall: () => 0 });
    const ask = (address: string, count: number): Promise<string>[] =>
      Array.from({ length: count }, (_, index) => codeOfAsync(() => authorizer.authorize({ ...ASK, address, credential: `key${index}` }), 'granted'));
    const all = Array.from({ length: 10 }, (_, index) => `203.0.113.${index}`).flatMap((address) => ask(address, 400));
    await eventually('it is asked as much as may be', () => [...open.values()].flat().length === 64);
    expect(Math.max(...[...open.values()].map(({ length }) => length))).toBe(16);
    const answers = Promise.all(all);
    const counts = new Map<string, number>();
    for (const code of await answers) counts.set(code, (counts.get(code) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual(['access-unavailable', 'too-many']);
    expect((counts.get('too-many') ?? 0) + (counts.get('access-unavailable') ?? 0)).toBe(4_000);
  });

  it('that isn’t there lets nobody in', async () => {
    const authorizer = new WebhookAuthorizer({ url: new URL('http://127.0.0.1:1/'), secret: 'x'.repeat(32), wall: () => 0 });
    await expect(authorizer.authorize(ASK)).rejects.toThrow(SluiceError);
  });
});
