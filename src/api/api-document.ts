import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { getStorageToken } from '@nestjs/throttler';
import { apiRateCheck } from './api-rate-guard';
import { openApiSchemas } from './api-schemas';
import type { RateWindow } from './rate-window';

const PAGE = 'api/docs';
const DOCUMENT = 'api/openapi.json';

/** What a relay that is mounted at `path` offers to programs, as OpenAPI. */
function apiDocument(app: NestExpressApplication, path: string): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Sluice')
    .setDescription('What the relay tells of its streams, and lets its operator do. Everything but the list, one stream in short and the snapshot needs the grant “admin”.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A key or token (docs/access.md)' })
    .addSecurityRequirements('bearer');
  if (path !== '') builder.addServer(path);
  const document = SwaggerModule.createDocument(app, builder.build(), { autoTagControllers: false });
  const paths = Object.fromEntries(Object.entries(document.paths).filter(([route]) => route.startsWith('/api/')));
  return { ...document, paths, components: { ...document.components, schemas: { ...document.components?.schemas, ...openApiSchemas() } } };
}

/** Serves the document at `/api/openapi.json`, and a page that shows it at `/api/docs`, whose scripts and styles are files of the relay's own. */
export function serveApiDocument(app: NestExpressApplication, { apiRate, path }: { apiRate: number; path: string }): void {
  app.use([`/${PAGE}`, `/${DOCUMENT}`], apiRateCheck(app.get<RateWindow>(getStorageToken()), apiRate));
  SwaggerModule.setup(PAGE, app, () => apiDocument(app, path), {
    jsonDocumentUrl: DOCUMENT,
    raw: ['json'],
    customSiteTitle: 'API of Sluice',
    // Else it asks a site of somebody else’s whether the document is right.
    swaggerOptions: { validatorUrl: null, displayRequestDuration: true },
  });
}
