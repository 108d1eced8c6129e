import { Injectable } from '@nestjs/common';
import type { AccessAsk, AccessDecision, SluiceAuthorizer } from 'sluice';
import { Logins } from './logins';

/** Whoever has logged in may watch; some may publish and administer. Browsers send the cookie with sockets, too. */
@Injectable()
export class LiveAccess implements SluiceAuthorizer {
  constructor(private readonly logins: Logins) {}

  decide({ action, request }: AccessAsk): AccessDecision {
    const user = this.logins.userOf(request.headers.cookie);
    if (user === undefined) return { allow: false, authenticated: false };
    return action === 'watch' || user.mayPublish ? { allow: true, who: user.name } : { allow: false };
  }
}
