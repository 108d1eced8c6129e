import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNginx } from '../../scripts/programs.mjs';

const FOLDERS = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules', '/usr/share/nginx/modules'];

/** nginx and its nchan module, where both are installed. */
export function findNchan() {
  const nginx = findNginx()?.path;
  const module = FOLDERS.map((folder) => join(folder, 'ngx_nchan_module.so')).find(existsSync);
  return nginx === undefined || module === undefined ? undefined : { nginx, module };
}

/**
 * The command that runs nginx with one worker, whose channels are `/watch?id=NAME` and `/publish?id=NAME`.
 * @param {{ nginx: string, module: string }} found
 * @param {{ port: number, folder: string }} options `folder` for its files.
 * @returns {readonly [string, ...string[]]}
 */
export function nchanCommand({ nginx, module }, { port, folder }) {
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `load_module ${module};
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${folder}/nginx.pid;
error_log ${folder}/error.log crit;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  client_max_body_size 16m;
  client_body_buffer_size 1m;
  keepalive_requests 1000000;
  nchan_shared_memory_size 256m;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /publish { nchan_publisher; nchan_channel_id $arg_id; nchan_message_buffer_length 500; nchan_message_timeout 60s; }
    location = /watch { nchan_subscriber websocket; nchan_channel_id $arg_id; nchan_subscriber_first_message newest; }
  }
}
`,
  );
  return [nginx, '-e', join(folder, 'error.log'), '-p', folder, '-c', config];
}
