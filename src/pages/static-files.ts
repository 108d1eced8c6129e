import type { NestExpressApplication } from '@nestjs/platform-express';
import { basename } from 'node:path';
import { PLAYER_FOLDER, SAMPLES_FOLDER } from '../http/page-files';

/** A file whose name holds a hash of its content. */
const HASHED = /-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/;

/** Serves the built player under `/player/` and the sample pages under `/samples/`. */
export function serveStaticFiles(app: NestExpressApplication): void {
  app.useStaticAssets(PLAYER_FOLDER, {
    prefix: '/player/',
    index: false,
    redirect: false,
    setHeaders: (response: { setHeader(name: string, value: string): void }, path: string) => {
      response.setHeader('Cache-Control', HASHED.test(basename(path)) ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.useStaticAssets(SAMPLES_FOLDER, { prefix: '/samples/', index: ['index.html'], extensions: ['html'] });
}
