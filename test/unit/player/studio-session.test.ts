import { studioSession } from '../../../player/studio/studio-session';

function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const items = new Map<string, string>();
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) };
}

describe('studioSession', () => {
  it('is 128 random bits that a reload keeps', () => {
    const tab = storage();
    const session = studioSession(() => tab);
    expect(session).toMatch(/^[0-9a-f]{32}$/);
    expect(studioSession(() => tab)).toBe(session);
    expect(studioSession(storage)).not.toBe(session);
  });

  it('makes a new one in place of something else', () => {
    const tab = storage();
    tab.setItem('sluice.session', 'something else');
    expect(studioSession(() => tab)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is there for once where the browser keeps nothing', () => {
    const refused = (): never => {
      throw new DOMException('', 'SecurityError');
    };
    expect(studioSession(refused)).toMatch(/^[0-9a-f]{32}$/);
  });
});
