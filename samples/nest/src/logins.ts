import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

/** Who is known here. An application has a database, and hashes passwords. */
const USERS: ReadonlyMap<string, { readonly password: string; readonly mayPublish: boolean }> = new Map([
  ['ana', { password: 'ana-s-password', mayPublish: true }],
  ['ben', { password: 'ben-s-password', mayPublish: false }],
]);

/** Somebody who has logged in. */
export interface User {
  readonly name: string;
  readonly mayPublish: boolean;
}

/** Remembers who has logged in, by a cookie. */
@Injectable()
export class Logins {
  readonly #users = new Map<string, User>();

  /** The cookie of a new session, or undefined if the password is wrong. */
  logIn(name: string, password: string): string | undefined {
    const user = USERS.get(name);
    if (user?.password !== password) return undefined;
    const session = randomUUID();
    this.#users.set(session, { name, mayPublish: user.mayPublish });
    return `session=${session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Who sends these cookies. */
  userOf(cookies = ''): User | undefined {
    const [, session = ''] = /(?:^|; )session=([\w-]+)/.exec(cookies) ?? [];
    return this.#users.get(session);
  }
}
