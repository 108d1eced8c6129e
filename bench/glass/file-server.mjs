// Serves the folder of its first argument, as a web server does that HLS is written for. Run by bench:glass.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

const [, , folder = '.'] = process.argv;
const http = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  readFile(join(folder, basename(pathname))).then(
    (bytes) => response.writeHead(200, { 'Cache-Control': 'no-cache' }).end(bytes),
    () => response.writeHead(404).end(),
  );
});
http.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (http.address());
  console.log(`http://127.0.0.1:${port}/`);
});
