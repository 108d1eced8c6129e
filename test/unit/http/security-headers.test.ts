import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type SecurityOptions, securityHeaders } from '../../../src/http/security-headers';

function answerTo(url: string, { host = 'tv.example', ...options }: Partial<SecurityOptions> & { host?: string } = {}): ServerResponse {
  const request = Object.assign(new IncomingMessage(new Socket()), { url, headers: { host } });
  const response = new ServerResponse(request);
  const passed = jest.fn();
  securityHeaders({ embedOrigins: [], knownCertificate: false, ...options })(request, response, passed);
  expect(passed).toHaveBeenCalledWith();
  return response;
}

describe('the headers of every answer', () => {
  it('hold browsers to HTTPS only where the relay speaks it with a certificate that they know', () => {
    expect(answerTo('/').getHeader('Strict-Transport-Security')).toBeUndefined();
    expect(answerTo('/', { knownCertificate: true }).getHeader('Strict-Transport-Security')).toBe('max-age=15552000');
  });

  it.each(['tv.example', 'tv.example:8443', '[::1]:8080', '192.168.1.2:80'])('name the sockets of the host %s, which old Safaris don’t take for its own', (host) => {
    expect(answerTo('/', { host }).getHeader('Content-Security-Policy')).toContain(`;connect-src 'self' ws://${host} wss://${host};`);
  });

  it.each(["tv.example; script-src 'unsafe-inline'", 'a,b', 'a b', '*', ''])('let no Host write into the policy: %s', (host) => {
    expect(answerTo('/', { host }).getHeader('Content-Security-Policy')).toContain(";connect-src 'self' 'self';");
  });

  it('leave it to the policy who may show a page in a frame, where that is more than the relay', () => {
    const embedOrigins = ['https://site.example'];
    expect(answerTo('/watch/cam').getHeader('X-Frame-Options')).toBe('SAMEORIGIN');
    expect(answerTo('/watch/cam', { embedOrigins }).getHeader('X-Frame-Options')).toBeUndefined();
    expect(answerTo('/watch/cam', { embedOrigins }).getHeader('Content-Security-Policy')).toMatch(/frame-ancestors 'self' https:\/\/site\.example$/);
    expect(answerTo('/', { embedOrigins }).getHeader('Content-Security-Policy')).toMatch(/frame-ancestors 'self'$/);
  });
});
