import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiDefaultResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { AccessAction } from '../access/grant';
import { Permission } from '../access/permission';
import { ApiRateGuard } from './api-rate-guard';
import { refTo } from './api-schemas';

/**
 * A controller of what stands under `/api/` and that path.
 * @param permission what all its routes need, if they need the same.
 */
export function ApiController(path: string, permission?: AccessAction): ClassDecorator {
  const failure = ApiDefaultResponse({ description: 'Why not', schema: { $ref: refTo('Error') } });
  // Requests that are refused count, too: the rate comes first.
  const guards = [UseGuards(ApiRateGuard), ...(permission === undefined ? [] : [Permission(permission)])];
  return applyDecorators(Controller(`api/${path}`), ...guards, ApiBearerAuth(), ApiTags(path.split('/')[0] ?? path), failure);
}

/** Says what a route answers: one of the schemas of that name. */
export function Answers(...ids: readonly string[]): MethodDecorator {
  const refs = ids.map((id) => ({ $ref: refTo(id) }));
  const [only] = refs;
  return ApiOkResponse({ description: ids.join(' or '), schema: refs.length === 1 && only !== undefined ? only : { anyOf: refs } });
}
