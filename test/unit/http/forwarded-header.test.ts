import { plainAddress, readForwarded } from '../../../src/http/forwarded-header';
import { cpuTime } from '../../support/cpu-time';

describe('X-Forwarded-For', () => {
  it('is read from its newest entry to its oldest', () => {
    const forwarded = readForwarded({ 'x-forwarded-for': '203.0.113.7, 198.51.100.2,10.0.0.1' }, 'x-forwarded-for');
    expect(forwarded.addresses).toEqual(['10.0.0.1', '198.51.100.2', '203.0.113.7']);
  });

  it('takes host and scheme of the newest proxy, whatever was there before', () => {
    const headers = { 'x-forwarded-host': 'evil.example, tv.example', 'x-forwarded-proto': 'http, https' };
    expect(readForwarded(headers, 'x-forwarded-for')).toEqual({ addresses: [], host: 'tv.example', proto: 'https' });
  });

  it('knows text that is no address, and keeps its place', () => {
    expect(readForwarded({ 'x-forwarded-for': '203.0.113.7, unknown, <b>' }, 'x-forwarded-for').addresses).toEqual([undefined, undefined, '203.0.113.7']);
  });

  it('is not read where proxies write Forwarded, nor the other way round', () => {
    const headers = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=198.51.100.2' };
    expect(readForwarded(headers, 'forwarded').addresses).toEqual(['198.51.100.2']);
    expect(readForwarded(headers, 'x-forwarded-for').addresses).toEqual(['203.0.113.7']);
  });
});

describe('Forwarded', () => {
  const read = (forwarded: string) => readForwarded({ forwarded }, 'forwarded');

  it('is read with addresses, ports, quotes and capitals as RFC 7239 shows them', () => {
    expect(read('For="[2001:db8:cafe::17]:4711"').addresses).toEqual(['2001:db8:cafe::17']);
    expect(read('for=192.0.2.60;proto=http;by=203.0.113.43')).toEqual({ addresses: ['192.0.2.60'], host: undefined, proto: 'http' });
    expect(read('for=192.0.2.43, for="198.51.100.17:80" ;host="tv.example:443";proto=https')).toEqual({
      addresses: ['198.51.100.17', '192.0.2.43'],
      host: 'tv.example:443',
      proto: 'https',
    });
    expect(read('for=_hidden, for=unknown').addresses).toEqual([undefined, undefined]);
  });

  it('gives a comma in quotes no meaning', () => {
    expect(read(String.raw`for="x\", for=10.0.0.1", for=192.0.2.43`).addresses).toEqual(['192.0.2.43', undefined]);
  });

  it.each(['for=192.0.2.43; for', 'for="192.0.2.43', '=1', 'for=1.1.1.1 for=2.2.2.2'])('says nothing where it is malformed: %s', (text) => {
    expect(read(text)).toEqual({ addresses: [], host: undefined, proto: undefined });
  });

  it('of great length is read in no time', () => {
    const texts = ['for="\\'.repeat(4_000), ' '.repeat(16_000), 'for=a;'.repeat(2_700), 'a'.repeat(16_000)];
    expect(cpuTime(() => texts.forEach((text) => read(text)))).toBeLessThan(500);
  });
});

describe('an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:80', '203.0.113.7'],
    ['unknown', undefined],
    ['', undefined],
    ['1.2.3', undefined],
  ])('%s is %s', (text, address) => {
    expect(plainAddress(text)).toBe(address);
  });
});
