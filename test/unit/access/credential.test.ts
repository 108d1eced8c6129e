import { credentialOf } from '../../../src/access/credential';

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

describe('the credential of a request', () => {
  it.each<[string, { authorization?: string; cookie?: string; url?: string }, string | undefined]>([
    ['a bearer token', { authorization: 'Bearer key' }, 'key'],
    ['a bearer token, whatever the case', { authorization: 'bearer  key' }, 'key'],
    ['the password of Basic', { authorization: basic('publisher:key') }, 'key'],
    ['a password with colons', { authorization: basic('publisher:a:b') }, 'a:b'],
    ['the query', { url: '/watch/cam?epoch=e&token=k%2By' }, 'k+y'],
    ['the cookie', { cookie: 'theme=dark; sluice_token=key' }, 'key'],
    ['the header before the query', { authorization: 'Bearer one', url: '/?token=two' }, 'one'],
    ['the query before the cookie', { url: '/?token=two', cookie: 'sluice_token=three' }, 'two'],
    ['nothing', {}, undefined],
    ['another scheme', { authorization: 'Digest key' }, undefined],
    ['Basic without a colon', { authorization: basic('key') }, undefined],
    ['Basic without a password', { authorization: basic('publisher:') }, undefined],
    ['an empty query', { url: '/?token=' }, undefined],
    ['something endless', { url: `/?token=${'x'.repeat(10_000)}` }, undefined],
  ])('is %s', (_what, { authorization, cookie, url = '/' }, credential) => {
    expect(credentialOf({ url, headers: { ...(authorization !== undefined && { authorization }), ...(cookie !== undefined && { cookie }) } })).toBe(credential);
  });
});
