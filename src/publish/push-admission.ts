import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Access } from '../access/access';
import type { Grant } from '../access/grant';
import { addressOf } from '../http/address';
import { lacksLength } from '../http/body-length';
import { codedError } from '../http/refuse';
import { SluiceError } from '../protocol/error-code';
import { shownName } from '../protocol/stream-name';
import { checkName, StreamRegistry } from '../relay/stream-registry';
import { MediaRefusals, type Pusher, reminderOf } from './media-refusals';
import { PublisherSeats } from './publisher-seats';
import { readSession } from './session';

/** Playlists, manifests and segments, where somebody takes the address of a stream for that of a file. */
const SEGMENT_FILE = /\.(?:m3u8|mpd|ts|m4s)$/i;

/** Who pushes, and where to. */
interface PushPlace {
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
  readonly #refusals: MediaRefusals;

  constructor(access: Access, registry: StreamRegistry, seats: PublisherSeats, refusals: MediaRefusals) {
    this.#access = access;
    this.#registry = registry;
    this.#seats = seats;
    this.#refusals = refusals;
  }

  /** @throws SluiceError of the name, the access, a name in use, or too many of whoever publishes. */
  admit(request: IncomingMessage, name: string): Promise<AdmittedPush> {
    return this.#report(request, name, async () => {
      checkName(name);
      const grant = await this.#access.authorize(request, 'publish', name);
      const place = this.take(request, name);
      this.#seats.check(grant.who, name);
      return { ...place, grant };
    });
  }

  /**
   * The same for a push whose body is the media.
   * @throws SluiceError as `admit` does, or `segmented-output`, `length-required`, and what was wrong with the media of the last try.
   */
  async admitBody(request: IncomingMessage, name: string): Promise<AdmittedPush> {
    await this.#report(request, name, () => {
      if (SEGMENT_FILE.test(name)) throw segmentedOutput(name);
      if (lacksLength(request)) throw new SluiceError('length-required', 'Cannot read this body: the request states neither "Content-Length" nor "Transfer-Encoding: chunked"');
    });
    const push = await this.admit(request, name);
    const refusal = request.headers.expect === undefined ? undefined : this.#refusals.take(pusherOf(request, push));
    if (refusal === undefined) return push;
    // One more of the same for those who read of it later, to whom "the last push" means nothing.
    this.#registry.refused({ name, address: addressOf(request), error: refusal });
    throw reminderOf(refusal);
  }

  /**
   * Refuses a file below the address of a stream.
   * @throws SluiceError `segmented-output`, or `bad-name`.
   */
  refuseFile(request: IncomingMessage, name: string): Promise<never> {
    return this.#report(request, name, () => {
      checkName(name);
      throw segmentedOutput(name);
    });
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

  async #report<Result>(request: IncomingMessage, name: string, decide: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await decide();
    } catch (thrown) {
      this.#registry.refused({ name, address: addressOf(request), error: codedError(thrown) });
      throw thrown;
    }
  }

  /** Another grant for whoever publishes already, by a new key or token. */
  renew(request: IncomingMessage, { name, credential }: { name: string; credential: string }): Promise<Grant> {
    return this.#access.authorizeBy(credential, { request, action: 'publish', name });
  }
}

/** Of an admitted push: who sends it. */
export function pusherOf(request: IncomingMessage, { name, grant }: AdmittedPush): Pusher {
  return { name, who: grant.who, address: addressOf(request) };
}

function segmentedOutput(name: string): SluiceError {
  return new SluiceError('segmented-output', `Cannot publish ${JSON.stringify(shownName(name))} as HLS or DASH: the files of a stream are made by the relay`);
}
