import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { AccessPolicy } from '../access/access-policy';
import { checkName, StreamRegistry } from '../relay/stream-registry';
import { readSession } from './session';

/** Who pushes, and where to. */
export interface AdmittedPush {
  readonly name: string;
  readonly session?: string;
}

/** Decides whether a push may begin, from its head alone. */
@Injectable()
export class PushAdmission {
  readonly #policy: AccessPolicy;
  readonly #registry: StreamRegistry;

  constructor(policy: AccessPolicy, registry: StreamRegistry) {
    this.#policy = policy;
    this.#registry = registry;
  }

  /** @throws SluiceError of the name, the access, or a name in use. */
  admit(request: IncomingMessage, name: string): AdmittedPush {
    this.#policy.checkPublish(request);
    checkName(name);
    const session = readSession(request.url ?? '');
    this.#registry.checkFree(name, session);
    return { name, ...(session !== undefined && { session }) };
  }
}
