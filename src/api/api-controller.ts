import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiDefaultResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ApiRateGuard } from './api-rate-guard';
import { refTo } from './api-schemas';

/** A controller of what stands under `/api/` and that path. */
export function ApiController(path: string): ClassDecorator {
  const failure = ApiDefaultResponse({ description: 'Why not', schema: { $ref: refTo('Error') } });
  return applyDecorators(Controller(`api/${path}`), UseGuards(ApiRateGuard), ApiBearerAuth(), ApiTags(path.split('/')[0] ?? path), failure);
}

/** Says what a route answers: one of the schemas of that name. */
export function Answers(...ids: readonly string[]): MethodDecorator {
  const refs = ids.map((id) => ({ $ref: refTo(id) }));
  const [only] = refs;
  return ApiOkResponse({ description: ids.join(' or '), schema: refs.length === 1 && only !== undefined ? only : { anyOf: refs } });
}
