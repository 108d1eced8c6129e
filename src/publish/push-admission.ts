import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Access } from '../access/access';
import type { Grant } from '../access/grant';
import { addressOf } from '../http/address-of';
import { codedError } from '../http/refuse';
import { checkName, StreamRegistry } from '../relay/stream-registry';
import { readSession } from './session';

/** Who pushes, and where to. */
export interface PushPlace {
  readonly name: string;
  readonly session?: string;
}

/** A push that may begin. */
export interface AdmittedPush extends PushPlace {
  readonly grant: Grant;
}

/** Decides whether a push may begin, from its head alone. */
@Injectable()
export class PushAdmission {
  readonly #access: Access;
  readonly #registry: StreamRegistry;

  constructor(access: Access, registry: StreamRegistry) {
    this.#access = access;
    this.#registry = registry;
  }

  /** @throws SluiceError of the name, the access, or a name in use. */
  async admit(request: IncomingMessage, name: string): Promise<AdmittedPush> {
    try {
      checkName(name);
      const grant = await this.#access.authorize(request, 'publish', name);
      return { ...this.take(request, name), grant };
    } catch (thrown) {
      this.#registry.refused({ name, address: addressOf(request), error: codedError(thrown) });
      throw thrown;
    }
  }

  /**
   * The place itself, for whoever has the grant already.
   * @throws SluiceError of the name, or a name in use.
   */
  take(request: IncomingMessage, name: string): PushPlace {
    const session = readSession(request.url ?? '');
    this.#registry.checkFree(name, session);
    return { name, ...(session !== undefined && { session }) };
  }

  /** Another grant for whoever publishes already, by a new key or token. */
  renew(request: IncomingMessage, { name, credential }: { name: string; credential: string }): Promise<Grant> {
    return this.#access.authorizeBy(credential, { request, action: 'publish', name });
  }
}
