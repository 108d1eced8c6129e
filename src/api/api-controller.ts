import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import { ApiRateGuard } from './api-rate-guard';

/** A controller of what stands under `/api/` and that path. */
export function ApiController(path: string): ClassDecorator {
  return applyDecorators(Controller(`api/${path}`), UseGuards(ApiRateGuard));
}
