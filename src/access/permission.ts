import { applyDecorators, type CanActivate, createParamDecorator, type ExecutionContext, Injectable, SetMetadata, UseGuards } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { checkName } from '../relay/stream-registry';
import { Access } from './access';
import type { AccessAction, Grant } from './grant';

const ACTION = Symbol('ACTION');
/** What requests under way were granted. */
const grants = new WeakMap<IncomingMessage, Grant>();

/** Lets only requests through that may do this with the stream that the route names as `:name`. The handler gets the grant by `@Granted()`. */
export function Permission(action: AccessAction): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(ACTION, action), UseGuards(PermissionGuard));
}

/** The `Grant` of a request that `@Permission()` has let through. */
export const Granted = createParamDecorator((_data: unknown, context: ExecutionContext) => grants.get(context.switchToHttp().getRequest<IncomingMessage>()));

/** Decides by `Access`, before anything is created for the request. */
@Injectable()
class PermissionGuard implements CanActivate {
  readonly #access: Access;
  readonly #reflector: Reflector;

  constructor(access: Access, reflector: Reflector) {
    this.#access = access;
    this.#reflector = reflector;
  }

  /** @throws SluiceError `bad-name`, or those of `Access.authorize`. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const action = this.#reflector.getAllAndOverride<AccessAction>(ACTION, [context.getHandler(), context.getClass()]);
    const request = context.switchToHttp().getRequest<IncomingMessage & { readonly params: Readonly<Record<string, unknown>> }>();
    const { name } = request.params;
    if (typeof name === 'string') checkName(name);
    grants.set(request, await this.#access.authorize(request, action, action === 'admin' || typeof name !== 'string' ? '' : name));
    return true;
  }
}
