import type { AccessAction, Authorizer } from '../../src/access/grant';
import type { Permissions } from '../../src/access/permissions';
import { A_REQUEST } from './a-request';
import { codeOfAsync } from './code-of';

/** One authorizer, with credentials that the test makes. */
export interface AuthorizerFixture {
  readonly authorizer: Authorizer;
  /** A credential that permits this until then, Unix ms. */
  issue(permissions: Partial<Permissions>, expiresAt?: number): Promise<string>;
  /** Lets time pass. */
  pass(ms: number): void;
  wall(): number;
}

/** What everything that decides on access must do. */
export function authorizerContract(name: string, setUp: () => Promise<AuthorizerFixture>): void {
  describe(name, () => {
    let fixture: AuthorizerFixture;
    beforeEach(async () => {
      fixture = await setUp();
    });

    /** What comes of asking: `granted`, or the code of the refusal. */
    const ask = (credential: string | undefined, action: AccessAction, stream = 'cam-1'): Promise<string> =>
      codeOfAsync(() => fixture.authorizer.authorize({ action, name: stream, credential, address: '203.0.113.7', request: A_REQUEST }), 'granted');

    it('lets nobody in without a credential', async () => {
      for (const action of ['publish', 'watch', 'admin'] as const) expect(await ask(undefined, action)).toBe('not-authenticated');
    });

    it('lets in who may, and to what it may, and no further', async () => {
      const publisher = await fixture.issue({ publish: ['cam-*'], watch: ['cam-*', 'stage'] });
      expect([await ask(publisher, 'publish', 'cam-1'), await ask(publisher, 'watch', 'stage')]).toEqual(['granted', 'granted']);
      expect([await ask(publisher, 'publish', 'stage'), await ask(publisher, 'watch', 'other'), await ask(publisher, 'admin', '')]).toEqual(Array(3).fill('not-allowed'));
    });

    it('lets a viewer watch and not publish', async () => {
      const viewer = await fixture.issue({ watch: ['*'] });
      expect([await ask(viewer, 'watch'), await ask(viewer, 'publish')]).toEqual(['granted', 'not-allowed']);
    });

    it('lists which of many streams may be watched', async () => {
      const list = async (credential: string | undefined): Promise<string[]> => [...(await fixture.authorizer.watchable({ names: ['cam-1', 'cam-2', 'stage'], credential, address: '203.0.113.7', request: A_REQUEST }))];
      expect(await list(await fixture.issue({ watch: ['cam-*'] }))).toEqual(['cam-1', 'cam-2']);
      expect(await list(await fixture.issue({ publish: ['stage'] }))).toEqual(['stage']);
      expect(await list(await fixture.issue({ admin: true }))).toEqual(['cam-1', 'cam-2', 'stage']);
      expect(await list(await fixture.issue({ watch: ['other'] }))).toEqual([]);
    });

    it('says when the grant ends, and gives none behind that', async () => {
      const expiresAt = Math.ceil(fixture.wall() / 1000) * 1000 + 60_000;
      const credential = await fixture.issue({ watch: ['*'] }, expiresAt);
      const grant = await fixture.authorizer.authorize({ action: 'watch', name: 'cam', credential, address: '203.0.113.7', request: A_REQUEST });
      expect(grant.expiresAt).toBe(expiresAt);
      fixture.pass(70_000);
      expect(await ask(credential, 'watch')).toBe('not-authenticated');
    });

    it.each(['', ' ', 'x', 'a'.repeat(8_000), '../../etc/passwd', '{"alg":"none"}', '\0', 'ключ'])('refuses %j as a credential', async (credential) => {
      expect(await ask(credential, 'watch')).toBe('not-authenticated');
    });

    it('names whom it lets in without the credential', async () => {
      const credential = await fixture.issue({ watch: ['*'] });
      const { who } = await fixture.authorizer.authorize({ action: 'watch', name: 'cam', credential, address: '203.0.113.7', request: A_REQUEST });
      expect(who).not.toBe('');
      expect(who).not.toContain(credential);
    });
  });
}
