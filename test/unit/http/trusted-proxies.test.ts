import { TrustedProxies } from '../../../src/http/trusted-proxies';

describe('trusted proxies', () => {
  it('are none unless they are named: whatever a header says, the other end of the connection is the client', () => {
    expect(new TrustedProxies([]).clientOf('198.51.100.2', ['127.0.0.1'])).toBe('198.51.100.2');
  });

  it('tell the client, and what the client itself says of others counts nothing', () => {
    const proxies = new TrustedProxies(['loopback', '10.0.0.0/8']);
    expect(proxies.clientOf('127.0.0.1', ['203.0.113.7', '127.0.0.1'])).toBe('203.0.113.7');
    expect(proxies.clientOf('127.0.0.1', ['10.9.9.9', '203.0.113.7', '10.1.1.1'])).toBe('203.0.113.7');
    expect(proxies.clientOf('203.0.113.7', ['127.0.0.1'])).toBe('203.0.113.7');
  });

  it('are the clients themselves where they name nobody, or somebody who is no address', () => {
    const proxies = new TrustedProxies(['10.0.0.0/8']);
    expect(proxies.clientOf('10.0.0.1', [])).toBe('10.0.0.1');
    expect(proxies.clientOf('10.0.0.1', ['10.0.0.2', undefined, '203.0.113.7'])).toBe('10.0.0.2');
  });

  it('may be counted instead', () => {
    const proxies = new TrustedProxies(['2']);
    expect(proxies.clientOf('198.51.100.1', ['198.51.100.2', '203.0.113.7', '127.0.0.1'])).toBe('203.0.113.7');
    expect(new TrustedProxies(['0']).clientOf('198.51.100.1', ['203.0.113.7'])).toBe('198.51.100.1');
  });

  it.each([['tv.example'], ['10.0.0.0/33'], ['1', '2'], ['-1'], ['']])('can not be %s', (...trusted) => {
    expect(() => new TrustedProxies(trusted)).toThrow(TypeError);
  });
});
