import { IncomingMessage, type IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { credentialOf } from '../../../src/access/credential';

function request(headers: IncomingHttpHeaders, url = '/'): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { url, headers });
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

describe('the credential of a request', () => {
  it.each<[string, IncomingHttpHeaders & { url?: string }, string | undefined]>([
    ['a bearer token', { authorization: 'Bearer key' }, 'key'],
    ['a bearer token, whatever the case', { authorization: 'bearer  key' }, 'key'],
    ['the password of Basic', { authorization: basic('publisher:key') }, 'key'],
    ['a password with colons', { authorization: basic('publisher:a:b') }, 'a:b'],
    ['the query', { url: '/watch/cam?epoch=e&token=k%2By' }, 'k+y'],
    ['the cookie', { cookie: 'theme=dark; sluice_token=key' }, 'key'],
    ['the cookie up to its end, "=" and all', { cookie: 'theme=dark; sluice_token=a2V5=b==; other=1' }, 'a2V5=b=='],
    ['no cookie without a value', { cookie: 'sluice_token; theme=sluice_token=key' }, undefined],
    ['the header before the query', { authorization: 'Bearer one', url: '/?token=two' }, 'one'],
    ['the query before the cookie', { url: '/?token=two', cookie: 'sluice_token=three' }, 'two'],
    ['nothing', {}, undefined],
    ['another scheme', { authorization: 'Digest key' }, undefined],
    ['Basic without a colon', { authorization: basic('key') }, undefined],
    ['Basic without a password', { authorization: basic('publisher:') }, undefined],
    ['an empty query', { url: '/?token=' }, undefined],
    ['something endless', { url: `/?token=${'x'.repeat(10_000)}` }, undefined],
    ['the cookie that a page of the relay sends', { cookie: 'sluice_token=key', origin: 'http://tv.example', host: 'tv.example' }, 'key'],
    ['no cookie that a page of another site sends', { cookie: 'sluice_token=key', origin: 'http://site.example', host: 'tv.example' }, undefined],
    ['the query of a page of another site', { url: '/?token=one', cookie: 'sluice_token=key', origin: 'http://site.example', host: 'tv.example' }, 'one'],
  ])('is %s', (_what, { url, ...headers }, credential) => {
    expect(credentialOf(request(headers, url))).toBe(credential);
  });
});
