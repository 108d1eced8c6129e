import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { WsAdapter } from '@nestjs/platform-ws';
import { withSluice } from 'sluice';
import { AppModule } from './app.module';

async function main(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule);
  app.useWebSocketAdapter(withSluice(new WsAdapter(app)));
  app.enableShutdownHooks();
  // A push over HTTP is one request, which Node would end after five minutes.
  app.getHttpServer().requestTimeout = 0;
  await app.listen(Number(process.env['PORT'] ?? 3000));
  console.log(`Log in at ${await app.getUrl()}/, then open /live/`);
}

void main();
