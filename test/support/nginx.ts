import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/free-port.mjs';
import { findNginx } from '../../scripts/programs.mjs';
import { packageRoot } from '../../src/base/package';
import { selfSign } from '../../src/http/tls-credentials';
import { eventually } from './eventually';
import { type Running, start } from './ffmpeg';

/** An nginx before a relay, set up by the lines of docs/tls.md. */
export interface TestNginx {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts nginx with what the docs say of it: nothing is changed but the ports and the place of the certificate.
 * `path` is the one below which it has the relay.
 */
export async function startNginx(relayPort: number, { path = '/' }: { path?: string } = {}): Promise<TestNginx> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-nginx-'));
  const port = await freePort();
  const { cert, key } = await selfSign(['relay.example']);
  writeFileSync(join(folder, 'fullchain.pem'), cert);
  writeFileSync(join(folder, 'privkey.pem'), key);
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, mainConfig(folder, documentedLines({ folder, port, relayPort, path })));
  const nginx = start(findNginx()?.path ?? 'nginx', ['-e', join(folder, 'error.log'), '-p', folder, '-c', config]);
  await listening(nginx, port);
  return {
    port,
    close: async () => {
      nginx.process.kill('SIGTERM');
      await nginx.ended;
      rmSync(folder, { recursive: true });
    },
  };
}

function documentedLines({ folder, port, relayPort, path }: { folder: string; port: number; relayPort: number; path: string }): string {
  const page = readFileSync(join(packageRoot(), 'docs', 'tls.md'), 'utf8');
  const lines = /```nginx\n([\s\S]*?)```/.exec(page)?.[1];
  if (lines === undefined) throw new Error('docs/tls.md has no lines for nginx');
  const replace = (text: string, from: string, to: string): string => {
    if (!text.includes(from)) throw new Error(`docs/tls.md has no "${from}" for nginx`);
    return text.replaceAll(from, to);
  };
  const below = path === '/' ? lines : belowPath(lines, { page, path, replace });
  const placed = replace(below, '/etc/letsencrypt/live/relay.example', folder);
  return replace(replace(placed, 'listen 443', `listen 127.0.0.1:${port}`), '127.0.0.1:8080', `127.0.0.1:${relayPort}`);
}

/** The lines of a relay below a path, in which the docs say what is different. */
function belowPath(lines: string, { page, path, replace }: { page: string; path: string; replace: (text: string, from: string, to: string) => string }): string {
  const [location, pass] = ['location /live/ {', 'proxy_pass http://127.0.0.1:8080/;'];
  for (const line of [location, pass]) if (!page.includes(line)) throw new Error(`docs/tls.md has no "${line}"`);
  return replace(replace(lines, 'location / {', location.replace('/live/', path)), 'proxy_pass http://127.0.0.1:8080;', pass);
}

/** What stands around a site's lines: as Debian has it, but for one process that writes into a folder of its own. */
function mainConfig(folder: string, site: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
  return `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 768; }
http { access_log off; ${temporary}
${site}}
`;
}

async function listening({ ended }: Running, port: number): Promise<void> {
  const failed = ended.then(({ stderr }): never => {
    throw new Error(`nginx has ended: ${stderr}`);
  });
  const there = eventually('nginx listens', async () => {
    const socket = connect(port, '127.0.0.1');
    const heard = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'close').then(() => false)]).catch(() => false);
    socket.destroy();
    return heard;
  });
  await Promise.race([there, failed]);
  failed.catch(() => undefined);
}
