import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { AccessPolicy } from '../../../src/access/access-policy';
import { SluiceError } from '../../../src/protocol/error-code';

function request(headers: Record<string, string>, remoteAddress = '127.0.0.1'): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const message = new IncomingMessage(socket);
  Object.assign(message.headers, headers);
  message.url = '/';
  return message;
}

function codeOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    return error instanceof SluiceError ? error.code : String(error);
  }
  return 'let in';
}

const loopback = new AccessPolicy({ host: '127.0.0.1', allowedHosts: [] });
const everywhere = new AccessPolicy({ host: '0.0.0.0', allowedHosts: ['tv.example'] });

describe('a relay that listens on loopback', () => {
  it.each(['localhost', 'localhost:8080', 'LOCALHOST:1', '127.0.0.1:8080', '[::1]:8080'])('answers for the host %s', (host) => {
    expect(codeOf(() => loopback.checkHost(request({ host })))).toBe('let in');
  });

  it.each(['evil.example', '192.168.1.2:8080', 'localhost.evil.example', 'user@localhost', 'localhost:', '[::1', ''])('refuses the host "%s"', (host) => {
    expect(codeOf(() => loopback.checkHost(request({ host })))).toBe('wrong-host');
  });

  it('refuses a request without a host', () => {
    expect(codeOf(() => loopback.checkHost(request({})))).toBe('wrong-host');
  });
});

describe('a relay that listens everywhere', () => {
  it.each(['192.168.1.2:8080', '[fe80::1]:8080', 'localhost', 'tv.example', 'TV.example:443'])('answers for the host %s', (host) => {
    expect(codeOf(() => everywhere.checkHost(request({ host })))).toBe('let in');
  });

  it('refuses a name that nobody allowed', () => {
    expect(codeOf(() => everywhere.checkHost(request({ host: 'evil.example' })))).toBe('wrong-host');
  });
});

describe('a visitor', () => {
  const from = (origin: string, host = 'localhost:8080') => codeOf(() => loopback.checkVisitor(request({ host, origin })));

  it('may come from a page of the relay, or from no page', () => {
    expect(from('http://localhost:8080')).toBe('let in');
    expect(from('https://localhost', 'localhost')).toBe('let in');
    expect(from('http://localhost', 'localhost:80')).toBe('let in');
    expect(codeOf(() => loopback.checkVisitor(request({ host: 'localhost:8080' })))).toBe('let in');
  });

  it.each(['http://evil.example', 'http://localhost:3000', 'http://127.0.0.1:8080', 'null', '', 'file://', 'http://'])('may not come from a page of "%s"', (origin) => {
    expect(from(origin)).toBe('wrong-origin');
  });
});

describe('a visitor from a site that the operator allows', () => {
  const policy = new AccessPolicy({ host: '127.0.0.1', allowedHosts: [], allowOrigins: ['https://site.example'] });

  it('is let in, and nobody whose site only looks like it', () => {
    const from = (origin: string) => codeOf(() => policy.checkVisitor(request({ host: 'localhost:8080', origin })));
    expect(from('https://site.example')).toBe('let in');
    for (const origin of ['http://site.example', 'https://site.example:444', 'https://site.example.evil', 'https://SITE.example/', 'null']) expect(from(origin)).toBe('wrong-origin');
  });

  it('must ask for a host of the relay all the same', () => {
    expect(codeOf(() => policy.checkVisitor(request({ host: 'site.example', origin: 'https://site.example' })))).toBe('wrong-host');
  });
});

describe('a publisher', () => {
  const publish = (headers: Record<string, string>, address?: string) => codeOf(() => everywhere.checkPublish(request({ host: 'localhost:8080', ...headers }, address)));

  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('may come from %s', (address) => {
    expect(publish({}, address)).toBe('let in');
    expect(publish({ host: '127.0.0.1' }, address)).toBe('let in');
  });

  it.each(['192.168.1.2', '::ffff:10.0.0.1', 'fe80::1', '', '127.evil'])('may not come from "%s"', (address) => {
    expect(publish({}, address)).toBe('publish-not-allowed');
  });

  it('may not use a name of the relay that is open to others', () => {
    expect(publish({ host: 'tv.example' })).toBe('publish-not-allowed');
    expect(publish({ host: '192.168.1.2' })).toBe('publish-not-allowed');
  });

  it.each(['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'via'])('may not come through a proxy that says "%s"', (name) => {
    expect(publish({ [name]: '1.2.3.4' })).toBe('publish-not-allowed');
  });

  it('may not come from a page of another site', () => {
    expect(publish({ origin: 'http://evil.example' })).toBe('wrong-origin');
  });
});

describe('an administrator without a rule of access', () => {
  const administer = (headers: Record<string, string>, address?: string) => codeOf(() => everywhere.checkAdmin(request({ host: 'localhost:8080', ...headers }, address)));

  it('is on the machine of the relay, as a publisher is', () => {
    expect(administer({})).toBe('let in');
    expect(administer({}, '192.168.1.2')).toBe('not-allowed');
    expect(administer({ host: 'tv.example' })).toBe('not-allowed');
    expect(administer({ via: '1.1 proxy' })).toBe('not-allowed');
    expect(administer({ origin: 'http://evil.example' })).toBe('wrong-origin');
  });
});
