import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { pageToken } from '../../../player/net/page-address';
import { credentialOf } from '../../../src/access/credential';
import { fileOrAddress } from '../../../src/ffmpeg/source-input';
import { queryOf } from '../../../src/http/request-target';
import { readQuery } from '../../../src/protocol/query';
import { readSession } from '../../../src/publish/session';
import { codeOf } from '../../support/code-of';

function request(url: string): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { url });
}

describe('the query of an address', () => {
  it.each<[what: string, address: string, value: string | null]>([
    ['nothing without a question mark', '/watch/cam', null],
    ['nothing after a question mark', '/watch/cam?', null],
    ['nothing of another name', '/watch/a=1?b=2', null],
    ['empty without a value', '/watch/cam?a', ''],
    ['empty with an empty value', '/watch/cam?a=', ''],
    ['the first of several', '/watch/cam?a=1&a=2', '1'],
    ['the first of several, though it is empty', '/watch/cam?a=&a=2', ''],
    ['all after the first question mark', '/watch/cam?a=1?b=2', '1?b=2'],
    ['decoded', '/watch/cam?a=%C3%A4+%2B', 'ä +'],
    ['what a broken escape says', '/watch/cam?a=1%zz%', '1%zz%'],
    ['a mark for bytes that are no UTF-8', '/watch/cam?a=%ff', '\ufffd'],
    ['of a whole address', 'srt://host:9000?a=1', '1'],
  ])('is %s: %s', (_what, address, value) => {
    expect(readQuery(address).get('a')).toBe(value);
  });
});

describe('whoever reads a query', () => {
  const KEY = '0123456789abcdef';

  it('takes all after the first question mark for it', () => {
    const address = `/x?token=${KEY}?session=${KEY}&mode=listener`;
    expect(queryOf(request(address)).get('token')).toBe(`${KEY}?session=${KEY}`);
    expect(credentialOf(request(address))).toBe(`${KEY}?session=${KEY}`);
    expect(pageToken('?', address.slice(2))).toBe(`?token=${encodeURIComponent(`${KEY}?session=${KEY}`)}`);
    expect(readSession(address)).toBeUndefined();
    expect(fileOrAddress(`srt://host:9000${address.slice(2)}`)).toHaveProperty('listens', true);
  });

  it('takes the first value of a name, and what is empty for what was said', () => {
    const address = `/x?token=&session=&token=${KEY}&session=${KEY}`;
    expect(queryOf(request(address)).get('token')).toBe('');
    expect(credentialOf(request(address))).toBeUndefined();
    expect(pageToken('?', address.slice(2))).toBe('');
    expect(codeOf(() => readSession(address))).toBe('bad-request');
  });

  it('is ended by no broken escape', () => {
    const address = '/x?token=%&session=%zz';
    expect(queryOf(request(address)).get('token')).toBe('%');
    expect(credentialOf(request(address))).toBe('%');
    expect(pageToken('?', address.slice(2))).toBe('?token=%25');
    expect(codeOf(() => readSession(address))).toBe('bad-request');
  });
});
