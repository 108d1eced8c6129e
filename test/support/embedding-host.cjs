// An application that imports the built package by its name, opens a viewer, closes, and should then end by itself.
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { once } = require('node:events');
const { SluiceModule } = require('sluice');
const { WebSocket } = require('ws');

class AppModule {}
Module({ imports: [SluiceModule.forRoot({ path: '/live' })] })(AppModule);

async function main() {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  await app.listen(0, '127.0.0.1');
  const viewer = new WebSocket(`${(await app.getUrl()).replace('http', 'ws')}/live/watch/demo`);
  // A viewer that speaks no messages is sent nothing but media.
  await once(viewer, 'message');
  console.log('live');
  await app.close();
  console.log('closed');
}

void main();
