import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Access } from '../access/access';
import type { Grant } from '../access/grant';
import { addressOf } from '../http/address-of';
import { codedError } from '../http/refuse';
import { checkName, StreamRegistry } from '../relay/stream-registry';
import { PublisherSeats } from './publisher-seats';
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
  readonly #seats: PublisherSeats;

  constructor(access: Access, registry: StreamRegistry, seats: PublisherSeats) {
    this.#access = access;
    this.#registry = registry;
    this.#seats = seats;
  }

  /** @throws SluiceError of the name, the access, a name in use, or too many of whoever publishes. */
  async admit(request: IncomingMessage, name: string): Promise<AdmittedPush> {
    try {
      checkName(name);
      const grant = await this.#access.authorize(request, 'publish', name);
      const place = this.take(request, name);
      this.#seats.check(grant.who, name);
      return { ...place, grant };
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

  /**
   * Counts a publisher, until the returned function is called.
   * @throws SluiceError `too-many`.
   */
  takeSeat({ name, grant }: { name: string; grant: Grant }): () => void {
    return this.#seats.take(grant.who, name);
  }

  /** Another grant for whoever publishes already, by a new key or token. */
  renew(request: IncomingMessage, { name, credential }: { name: string; credential: string }): Promise<Grant> {
    return this.#access.authorizeBy(credential, { request, action: 'publish', name });
  }
}
