// A gateway of Nest's own adapter for ws, which sends each message of a publisher to every viewer.
import 'reflect-metadata';
import { createRequire } from 'node:module';

/** @typedef {import('ws').WebSocket} WebSocket */

const require = createRequire(import.meta.url);
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
/** Of the workspace, whose packages may not be installed: then its types are missing. */
const ADAPTER = '@nestjs/platform-ws';
const { WsAdapter } = /** @type {{ WsAdapter: new (app: unknown) => import('@nestjs/common').WebSocketAdapter }} */ (require(ADAPTER));
const { WebSocketGateway } = require('@nestjs/websockets');

/** @type {Set<WebSocket>} */
const viewers = new Set();

class WatchGateway {
  /** @param {WebSocket} client */
  handleConnection(client) {
    viewers.add(client);
  }

  /** @param {WebSocket} client */
  handleDisconnect(client) {
    viewers.delete(client);
  }
}
WebSocketGateway({ path: '/watch' })(WatchGateway);

class PublishGateway {
  /** @param {WebSocket} client */
  handleConnection(client) {
    client.on('message', (data) => {
      for (const viewer of viewers) viewer.send(data, { binary: true });
    });
  }
}
WebSocketGateway({ path: '/publish' })(PublishGateway);

class AppModule {}
Module({ providers: [WatchGateway, PublishGateway] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
app.useWebSocketAdapter(new WsAdapter(app));
await app.listen(0, '127.0.0.1');
console.log(`http://127.0.0.1:${app.getHttpServer().address().port}/`);
