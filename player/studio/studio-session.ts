import { randomSession } from '../publisher/publish-address';

/** Where this tab keeps it: a reload keeps it, another tab has its own. */
const KEY = 'sluice.session';

/** What this tab proves itself with to the relay: 128 random bits as hex. A reload takes over its own stream by it, where the tab keeps it. */
export function studioSession(storage: () => Pick<Storage, 'getItem' | 'setItem'>): string {
  try {
    const kept = storage().getItem(KEY);
    if (kept !== null && /^[0-9a-f]{32}$/.test(kept)) return kept;
    const session = randomSession();
    storage().setItem(KEY, session);
    return session;
  } catch {
    // Storage is refused here: a reload is another broadcaster.
    return randomSession();
  }
}
