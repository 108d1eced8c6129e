import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigLayers, type Flags, loadConfig } from '../../../src/config/load-config';
import { StartError } from '../../../src/base/start-error';

function file(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'sluice-config-')), 'sluice.json');
  writeFileSync(path, content);
  return path;
}

function refusal(layers: ConfigLayers): string {
  try {
    loadConfig(layers);
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    const { message } = error as StartError;
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('Nothing was refused');
}

describe('the configuration', () => {
  it('listens on loopback, port 8080, with the demo, when nobody says anything', () => {
    expect(loadConfig({})).toMatchObject({ host: '127.0.0.1', port: 8080, demo: true, sources: [], allowedHosts: [], maxChunk: 16 << 20, idleTimeout: 10_000, hold: 10_000 });
  });

  it('prefers a flag to the environment, that to the file, and that to the default', () => {
    const path = file('{"port": 1, "hold": 1, "publisherIdle": 1, "demo": false}');
    const layers = { flags: { port: '3' }, env: { SLUICE_PORT: '2', SLUICE_HOLD: '2', PATH: '/bin' }, file: path };
    expect(loadConfig(layers)).toMatchObject({ port: 3, hold: 2_000, idleTimeout: 1_000, demo: false, logLevel: 'info' });
  });

  it('finds the file that the environment names', () => {
    expect(loadConfig({ env: { SLUICE_CONFIG: file('{"port": 7}') } }).port).toBe(7);
  });

  it('reads sources as NAME=INPUT, and the input may hold any sign', () => {
    const flags = { source: ['cam=rtsp://host/a?b=c&d=e', 'door=/a file.mp4'], loopSource: ['film=x.mp4'] };
    expect(loadConfig({ flags }).sources).toEqual([
      { name: 'cam', input: 'rtsp://host/a?b=c&d=e', loop: false },
      { name: 'door', input: '/a file.mp4', loop: false },
      { name: 'film', input: 'x.mp4', loop: true },
    ]);
  });

  it('separates the values of a list by spaces in the environment', () => {
    expect(loadConfig({ env: { SLUICE_ALLOWED_HOST: 'a.example  b.example', SLUICE_DEMO: 'false' } })).toMatchObject({ allowedHosts: ['a.example', 'b.example'], demo: false });
  });

  it.each([
    [{ flags: { port: '99999' } }, 'Cannot use --port 99999: it must be a whole number from 0 to 65535'],
    [{ flags: { port: '8080x' } }, 'Cannot use --port 8080x: it must be a whole number from 0 to 65535'],
    [{ flags: { logLevel: 'loud' } }, 'Cannot use --log-level loud: it must be one of debug, info, warn, error, silent'],
    [{ env: { SLUICE_PORT: 'http' } }, 'Cannot use SLUICE_PORT=http: it must be a whole number from 0 to 65535'],
    [{ env: { SLUICE_DEMO: 'maybe' } }, 'Cannot use SLUICE_DEMO=maybe: it must be true or false'],
    [{ flags: { host: 'http://x/' } }, 'Cannot use --host http://x/: it must be an IP address or a host name, without a port'],
    [{ flags: { source: ['cam'] } }, 'Cannot use --source cam: it must be NAME=INPUT, with a NAME of letters, digits, "_" and "-"'],
    [{ flags: { source: ['demo=x.mp4'] } }, 'Cannot use --source demo=x.mp4: the name "demo" is taken already; choose another name, or add --no-demo'],
    [{ flags: { source: ['a.b=rtmp://user:pass@host/live/KEY'] } }, 'Cannot use --source a.b=rtmp://…@host/…: it must be NAME=INPUT, with a NAME of letters, digits, "_" and "-"'],
    [{ flags: { source: ['a=x', 'a=rtmp://host/live/KEY'] } }, 'Cannot use --source a=rtmp://host/…: the name "a" is taken already; choose another name'],
    [{ flags: { source: ['a=x', 'a=y'] } }, 'Cannot use --source a=y: the name "a" is taken already; choose another name'],
  ])('refuses %j in one line that says what it may be', (layers, message) => {
    expect(refusal(layers)).toBe(message);
  });

  it.each<[Flags, string]>([
    [{ host: '0.0.0.0' }, 'Cannot listen on 0.0.0.0 for other machines without a rule of who may publish: add --keys, --jwt-secret, --jwt-jwks or --access-webhook, or --insecure to let everybody watch and only this machine publish'],
    [{ private: true }, 'Cannot keep streams --private without a rule of who may watch: add --keys, --jwt-secret, --jwt-jwks or --access-webhook'],
    [{ accessWebhook: 'https://a.example/' }, 'Cannot ask --access-webhook without --access-webhook-secret, nor the other way round: give both'],
    [{ accessWebhookSecret: 'x'.repeat(32) }, 'Cannot ask --access-webhook without --access-webhook-secret, nor the other way round: give both'],
    [{ eventsWebhook: 'https://a.example/' }, 'Cannot post to --events-webhook without --events-webhook-secret, nor the other way round: give both'],
    [{ eventsWebhookSecret: 'x'.repeat(32) }, 'Cannot post to --events-webhook without --events-webhook-secret, nor the other way round: give both'],
    [{ keys: 'keys.json', jwtSecret: 'x'.repeat(32) }, 'Cannot go by several rules of access: give one of --keys, --jwt-secret, --jwt-jwks, --access-webhook'],
    [{ tlsCert: 'cert.pem' }, 'Cannot speak HTTPS with one of --tls-cert and --tls-key: give both'],
    [{ tlsCert: 'cert.pem', tlsKey: 'key.pem', tlsSelfSigned: true }, 'Cannot use --tls-self-signed beside --tls-cert: give one of them'],
    [{ jwtJwks: 'file:///etc/passwd' }, 'Cannot use --jwt-jwks file:///…: it must be an http or https address'],
    [{ jwtSecret: 'too short' }, 'Cannot use --jwt-secret: it must be at least 32 characters'],
  ])('refuses %j, of which one contradicts another or is missing, and shows no secret', (flags, message) => {
    expect(refusal({ flags })).toBe(message);
  });

  it('listens for other machines once a rule says who may publish, or that nobody else may', () => {
    for (const rule of [{ keys: 'keys.json' }, { jwtSecret: 'x'.repeat(32) }, { insecure: true }] satisfies Flags[]) {
      expect(loadConfig({ flags: { host: '0.0.0.0', ...rule } }).host).toBe('0.0.0.0');
    }
  });

  it('refuses an option that it does not know, wherever it is', () => {
    expect(refusal({ env: { SLUICE_PROT: '1' } })).toMatch(/^Unknown option SLUICE_PROT in the environment: it must be one of SLUICE_PORT, SLUICE_HOST, .*SLUICE_CONFIG$/);
    expect(refusal({ file: file('{"prot": 1}') })).toMatch(/^Unknown option "prot" in .*sluice\.json: it must be one of port, host, /);
  });

  it('says where in the file a wrong value is', () => {
    expect(refusal({ file: file('{"port": "8080"}') })).toMatch(/^Cannot use "port": "8080" in .*sluice\.json: it must be a whole number from 0 to 65535$/);
  });

  it('refuses a file that is missing, no JSON, or no object', () => {
    expect(refusal({ file: '/nowhere/sluice.json' })).toMatch(/^Cannot read the configuration file \/nowhere\/sluice\.json \(--config\): ENOENT/);
    expect(refusal({ file: file('{port: 1}') })).toMatch(/it is no JSON$/);
    expect(refusal({ file: file('[]') })).toMatch(/it must hold one JSON object/);
  });
});
