import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { underAttack } from '../support/attacked-relay';
import { statusesOf } from '../support/raw-request';
import { refusedUpgrade, TestSocket } from '../support/test-socket';

/** What is held: by every door, only a token of the relay's own key, algorithm and audience lets in, to what it names and while it lasts. */
const SECRET = 'a secret of the relay that nobody else has';
const bySecret = new TextEncoder().encode(SECRET);
let steady = '';

beforeAll(async () => {
  steady = await honest({ publish: ['steady'] });
});
const relay = underAttack(() => ({ flags: ['--private'], env: { SLUICE_JWT_SECRET: SECRET }, token: steady }));

/** Claims that would let in everywhere. */
const EVERYTHING = { publish: ['*'], watch: ['*'], admin: true };

function claimsOf(claims: object = EVERYTHING): SignJWT {
  return new SignJWT({ ...claims }).setAudience('sluice').setExpirationTime('6h').setSubject('mallory');
}

function honest(claims: object): Promise<string> {
  return claimsOf(claims).setProtectedHeader({ alg: 'HS256' }).sign(bySecret);
}

function base64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

const payload = (): string => base64({ ...EVERYTHING, aud: 'sluice', exp: Math.floor(Date.now() / 1000) + 6 * 3_600 });

const FORGED: readonly (readonly [string, () => string | Promise<string>])[] = [
  ['with the algorithm "none"', () => new UnsecuredJWT({ ...EVERYTHING }).setAudience('sluice').setExpirationTime('6h').encode()],
  ['with the algorithm "nOnE"', () => `${base64({ alg: 'nOnE', typ: 'JWT' })}.${payload()}.`],
  ['without an algorithm', () => `${base64({ typ: 'JWT' })}.${payload()}.`],
  ['of another key', () => claimsOf().setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode('some other secret of 32 characters'))],
  ['of an empty key', () => `${base64({ alg: 'HS256' })}.${payload()}.${Buffer.alloc(32).toString('base64url')}`],
  ['by another algorithm with the right key', () => claimsOf().setProtectedHeader({ alg: 'HS512' }).sign(bySecret)],
  [
    'that brings its own key along',
    async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      return claimsOf().setProtectedHeader({ alg: 'ES256', jwk: await exportJWK(publicKey) }).sign(privateKey);
    },
  ],
  ['that names a file as its key', () => `${base64({ alg: 'HS256', kid: '../../../dev/null' })}.${payload()}.${Buffer.alloc(32).toString('base64url')}`],
  ['that names an address of keys', () => `${base64({ alg: 'RS256', jku: 'http://127.0.0.1:1/keys' })}.${payload()}.AAAA`],
  ['for another audience', () => new SignJWT({ ...EVERYTHING }).setAudience('other').setExpirationTime('6h').setProtectedHeader({ alg: 'HS256' }).sign(bySecret)],
  ['for no audience', () => new SignJWT({ ...EVERYTHING }).setExpirationTime('6h').setProtectedHeader({ alg: 'HS256' }).sign(bySecret)],
  ['that has expired', () => new SignJWT({ ...EVERYTHING }).setAudience('sluice').setExpirationTime('-1m').setProtectedHeader({ alg: 'HS256' }).sign(bySecret)],
  ['that lasts for ever', () => new SignJWT({ ...EVERYTHING }).setAudience('sluice').setProtectedHeader({ alg: 'HS256' }).sign(bySecret)],
  ['that isn’t valid yet', () => claimsOf().setNotBefore('5m').setProtectedHeader({ alg: 'HS256' }).sign(bySecret)],
  ['whose claims were changed', async () => [(await honest({ watch: ['x'] })).split('.')[0], payload(), (await honest({ watch: ['x'] })).split('.')[2]].join('.')],
  ['whose signature was cut off', async () => (await honest(EVERYTHING)).split('.').slice(0, 2).join('.') + '.'],
  ['that names what is no name', () => honest({ publish: ['../*'], watch: ['*', '<b>'] })],
  ['that is an administrator by a word', () => honest({ watch: ['*'], admin: 'yes' })],
  ['that is none', () => 'null'],
  ['that is long', () => 'a.'.repeat(5_000)],
];

/** The status and code of what a door over HTTP answers. */
async function knock(method: string, path: string, token: string): Promise<[number, string]> {
  const answer = await fetch(relay().url + path, { method, headers: { Authorization: `Bearer ${token}` }, ...(method === 'PUT' && { body: 'media' }) });
  const { error } = (await answer.json()) as { error: { code: string } };
  return [answer.status, error.code];
}

describe('a forged token', () => {
  it.each(FORGED)('%s opens no door', async (_what, forge) => {
    const token = await forge();
    for (const [method, path] of [
      ['PUT', '/publish/loot'],
      ['GET', '/watch/steady.mp4'],
      ['GET', '/hls/steady/index.m3u8'],
      ['GET', '/metrics'],
    ] as const) {
      expect([method, path, await knock(method, path, token)]).toEqual([method, path, [401, 'not-authenticated']]);
    }
    for (const path of ['/publish/loot', '/watch/steady']) {
      const address = `${relay().wsUrl}${path}?token=${token}`;
      expect((await refusedUpgrade(address)).status).toBe(401);
      const speaking = await TestSocket.speaking(address);
      expect(await speaking.next('error')).toMatchObject({ code: 'not-authenticated' });
      expect((await speaking.closed).code).toBe(4401);
    }
  });
});

describe('a valid token', () => {
  it('that claims the same opens every one of these doors', async () => {
    const token = await honest(EVERYTHING);
    expect(await knock('PUT', '/publish/own', token)).toEqual([400, 'incomplete-media']);
    for (const path of ['/watch/steady.mp4', '/hls/steady/index.m3u8', '/metrics']) {
      const { status, body } = await fetch(relay().url + path, { headers: { Authorization: `Bearer ${token}` } });
      expect([path, status]).toEqual([path, 200]);
      await body?.cancel();
    }
    for (const [path, word] of [['/publish/own', 'ready'], ['/watch/steady', 'init']] as const) {
      const speaking = await TestSocket.speaking(`${relay().wsUrl}${path}?token=${token}`);
      await speaking.next(word);
      speaking.socket.terminate();
    }
  });

  it('for one stream opens no other, and lets nobody administer', async () => {
    const token = await honest({ publish: ['mine'], watch: ['theirs-*'] });
    expect(await knock('PUT', '/publish/loot', token)).toEqual([403, 'not-allowed']);
    expect(await knock('PUT', '/publish/theirs-1', token)).toEqual([403, 'not-allowed']);
    for (const path of ['/watch/steady.mp4', '/hls/steady/index.m3u8', '/metrics']) expect(await knock('GET', path, token)).toEqual([403, 'not-allowed']);
    const watcher = await TestSocket.speaking(`${relay().wsUrl}/watch/steady?token=${token}`);
    expect(await watcher.next('error')).toMatchObject({ code: 'not-allowed' });
    expect((await watcher.closed).code).toBe(4403);
  });

  it('to watch doesn’t publish over the stream that it watches', async () => {
    const token = await honest({ watch: ['*'] });
    expect(await knock('PUT', '/publish/steady', token)).toEqual([403, 'not-allowed']);
  });

  it('is not to be had by asking often: ten thousand guesses let nobody in, and take nothing from who is', async () => {
    const paths = Array.from({ length: 10_000 }, (_, index) => `/watch/steady.mp4?token=${index}`);
    expect(await statusesOf(relay().port, paths)).toEqual(new Map([[401, 10_000]]));
  });
});
