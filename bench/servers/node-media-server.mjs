// Node-Media-Server on the port of its first argument, with the folder of its second.
import { createRequire } from 'node:module';

const NodeMediaServer = createRequire(import.meta.url)('node-media-server');
const [port, folder] = process.argv.slice(2);
const server = new NodeMediaServer({
  bind: '127.0.0.1',
  http: { port: Number(port) },
  store: { path: folder },
  webadmin: { enable: false },
});
await server.run();
console.log(`http://127.0.0.1:${port}/`);
