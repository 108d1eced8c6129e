import { DEFAULT_SETTINGS, SettingsStore } from '../../../player/studio/studio-settings';

function storage(text?: string): () => Pick<Storage, 'getItem' | 'setItem'> {
  let kept = text ?? null;
  return () => ({ getItem: () => kept, setItem: (_key, value) => void (kept = value) });
}

describe('what the user has chosen', () => {
  it('is there at the next visit', () => {
    const store = new SettingsStore(storage());
    expect(store.load()).toEqual(DEFAULT_SETTINGS);
    const settings = { ...DEFAULT_SETTINGS, camera: 'front', quality: 'low', encoder: 'mediarecorder', codec: 'vp8', corner: 'top-left' } as const;
    store.save(settings);
    expect(store.load()).toEqual(settings);
  });

  it.each(['no json', 'null', '7', '{"camera": 7, "encoder": "abacus", "custom": {"bitrate": "much"}}'])('begins as on a first visit where %s is kept', (text) => {
    expect(new SettingsStore(storage(text)).load()).toEqual(DEFAULT_SETTINGS);
  });

  it('lasts as long as the page where the browser keeps nothing', () => {
    const store = new SettingsStore(() => {
      throw new DOMException('', 'SecurityError');
    });
    store.save(DEFAULT_SETTINGS);
    expect(store.load()).toEqual(DEFAULT_SETTINGS);
  });
});
