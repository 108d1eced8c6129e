import type { CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface';

/** How long a browser remembers what it may send, seconds. */
const PREFLIGHT_AGE = 600;

/**
 * What pages of these origins may ask of the relay and read of its answers. They show who they are by a header or by
 * `?token=`: no cookie is heeded that comes from them (`credentialOf`).
 */
export function crossOrigin(origins: readonly string[]): CorsOptions {
  return {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Range', 'Last-Event-ID'],
    exposedHeaders: ['Accept-Ranges', 'Content-Length', 'Content-Range', 'ETag', 'Retry-After', 'X-Request-Id'],
    credentials: false,
    maxAge: PREFLIGHT_AGE,
  };
}
