import { Injectable } from '@nestjs/common';

/** Whether the relay takes visitors: `serve.ts` says so, who starts and stops it. */
@Injectable()
export class Readiness {
  state: 'starting' | 'ready' | 'stopping' = 'starting';
}
