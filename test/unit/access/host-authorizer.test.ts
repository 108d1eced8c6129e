import { UnauthorizedException } from '@nestjs/common';
import { hashKey, makeKey } from '../../../src/access/access-key';
import type { AccessAsk } from '../../../src/access/grant';
import { HostAuthorizer, type SluiceAuthorizer } from '../../../src/access/host-authorizer';
import { KeyAuthorizer } from '../../../src/access/key-authorizer';
import { PERMISSIONS } from '../../../src/access/permissions';
import { A_REQUEST } from '../../support/a-request';
import { authorizerContract } from '../../support/authorizer-contract';
import { codeOfAsync } from '../../support/code-of';
import { FakeClock } from '../../support/fake-clock';

const ASK: AccessAsk = { action: 'watch', name: 'cam', credential: undefined, address: '203.0.113.7', request: A_REQUEST };

function authorizerOf(host: SluiceAuthorizer, clock = new FakeClock()): HostAuthorizer {
  return new HostAuthorizer({ host: () => host, clock });
}

authorizerContract('a host that goes by keys', () => {
  const clock = new FakeClock();
  const keys: ConstructorParameters<typeof KeyAuthorizer>[0][number][] = [];
  const host: SluiceAuthorizer = {
    decide: async (ask) => ({ allow: true, ...(await new KeyAuthorizer(keys, () => clock.wall()).authorize(ask)) }) as const,
  };
  return Promise.resolve({
    authorizer: authorizerOf(host, clock),
    issue: (permissions, expiresAt) => {
      const key = makeKey();
      keys.push({ ...PERMISSIONS.parse(permissions), id: `key-${keys.length}`, hash: hashKey(key), ...(expiresAt !== undefined && { expires: new Date(expiresAt).toISOString() }) });
      return Promise.resolve(key);
    },
    pass: (ms) => clock.pass(ms),
    wall: () => clock.wall(),
  });
});

describe('the authorizer of a host', () => {
  it('gives leave by a mere true, in the name of the address', async () => {
    expect(await authorizerOf({ decide: () => true }).authorize(ASK)).toEqual({ who: '203.0.113.7' });
  });

  it('may know who asks, or not', async () => {
    const codeOf = (host: SluiceAuthorizer): Promise<string> => codeOfAsync(() => authorizerOf(host).authorize(ASK));
    expect(await codeOf({ decide: () => false })).toBe('not-allowed');
    expect(await codeOf({ decide: () => ({ allow: false, authenticated: false }) })).toBe('not-authenticated');
    expect(await codeOf({ decide: () => { throw new UnauthorizedException(); } })).toBe('not-authenticated');
  });

  it('that gives a grant which is over lets nobody in', async () => {
    const clock = new FakeClock();
    expect(await codeOfAsync(() => authorizerOf({ decide: () => ({ allow: true, expiresAt: clock.wall() }) }, clock).authorize(ASK))).toBe('not-authenticated');
  });

  it('that never answers lets nobody in, after 10 s', async () => {
    const clock = new FakeClock();
    const code = codeOfAsync(() => authorizerOf({ decide: () => new Promise(() => undefined) }, clock).authorize(ASK));
    clock.pass(10_000);
    expect(await code).toBe('access-unavailable');
  });

  it('may say at once which of many streams may be watched, and no others', async () => {
    let asked = 0;
    const host: SluiceAuthorizer = {
      decide: () => {
        asked++;
        return true;
      },
      watchable: () => ['b', 'c', 'unknown'],
    };
    expect([...(await authorizerOf(host).watchable({ ...ASK, names: ['a', 'b', 'c'] }))]).toEqual(['b', 'c']);
    expect(asked).toBe(0);
  });
});
