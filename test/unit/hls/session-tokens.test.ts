import { SessionTokens } from '../../../src/hls/session-tokens';
import { FakeClock } from '../../support/fake-clock';

const SECRET = Buffer.alloc(32, 7);

function make({ secret = SECRET, clock = new FakeClock() }: { secret?: Buffer; clock?: FakeClock } = {}): SessionTokens {
  return new SessionTokens({ secret, wall: () => clock.wall() });
}

describe('sessions that the relay signs', () => {
  it('are short, fit into an address as they are, and each names another viewer', () => {
    const tokens = make();
    const texts = Array.from({ length: 100 }, () => tokens.issue({ name: 'cam' }));
    expect(texts.every((text) => /^[A-Za-z0-9_-]{44}$/.test(text))).toBe(true);
    expect(new Set(texts.map((text) => tokens.verify(text, { name: 'cam' })?.id)).size).toBe(100);
  });

  it('say what they were made with', () => {
    const clock = new FakeClock();
    const tokens = make({ clock });
    const { id } = tokens.verify(tokens.issue({ name: 'cam' }), { name: 'cam' })!;
    const expiresAt = clock.wall() + 5_000;
    expect(tokens.verify(tokens.issue({ name: 'cam', id, expiresAt }), { name: 'cam' })).toEqual({ id, expiresAt });
    expect(tokens.verify(tokens.issue({ name: 'cam', id }), { name: 'cam' })).toEqual({ id, expiresAt: undefined });
  });

  it('are of no use for another stream, or for a relay with another secret', () => {
    const text = make().issue({ name: 'cam' });
    expect(make().verify(text, { name: 'cam2' })).toBeUndefined();
    expect(make({ secret: Buffer.alloc(32, 8) }).verify(text, { name: 'cam' })).toBeUndefined();
    expect(new SessionTokens({ wall: () => 0 }).verify(text, { name: 'cam' })).toBeUndefined();
    expect(make().verify(text, { name: 'cam' })).toBeDefined();
  });

  it('are of no use once any of their characters is another', () => {
    const tokens = make();
    const text = tokens.issue({ name: 'cam', expiresAt: new FakeClock().wall() + 5_000 });
    for (let index = 0; index < text.length; index++) {
      const other = text[index] === 'A' ? 'B' : 'A';
      expect(tokens.verify(text.slice(0, index) + other + text.slice(index + 1), { name: 'cam' })).toBeUndefined();
    }
  });

  it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(44), 'A'.repeat(45), '€'.repeat(44), `${'A'.repeat(43)}=`])('are not "%s"', (text) => {
    expect(make().verify(text, { name: 'cam' })).toBeUndefined();
  });

  it('end with the grant that they were made by, and can still be read then', () => {
    const clock = new FakeClock();
    const tokens = make({ clock });
    const text = tokens.issue({ name: 'cam', expiresAt: clock.wall() + 5_900 });
    clock.pass(4_999);
    expect(tokens.verify(text, { name: 'cam' })).toBeDefined();
    clock.pass(1);
    expect(tokens.verify(text, { name: 'cam' })).toBeUndefined();
    expect(tokens.read(text, { name: 'cam' })?.expiresAt).toBe(clock.wall());
  });

  it('are found in the addresses of playlists and media, and of the stream that those are of', () => {
    const tokens = make();
    const text = tokens.issue({ name: 'cam' });
    const { id } = tokens.verify(text, { name: 'cam' })!;
    const found = [`/hls/cam/${text}/media.m3u8`, `/hls/cam/${text}/media.m3u8?_HLS_msn=1`, `/hls/cam/${text}/time/p1.m4s`, `/hls/cam/${text}/time/init1.mp4?CMCD=x`];
    expect(found.map((url) => tokens.readAddress(url)?.id)).toEqual(found.map(() => id));
    const others = [`/hls/other/${text}/media.m3u8`, `/hls/cam/media.m3u8?session=${text}`, `/hls/cam/time/p1.m4s`, `/hls/cam/${text}/p1.m4s`, `/watch/cam/${text}/media.m3u8`, '', '/'];
    expect(others.map((url) => tokens.readAddress(url))).toEqual(others.map(() => undefined));
  });

  it('end at some time whatever the grant says', () => {
    const tokens = make();
    expect(tokens.verify(tokens.issue({ name: 'cam', expiresAt: -1 }), { name: 'cam' })).toBeUndefined();
    expect(tokens.verify(tokens.issue({ name: 'cam', expiresAt: 1e300 }), { name: 'cam' })).toBeDefined();
  });

  it('have the same id each time for the same words, which nobody else can make up', () => {
    const tokens = make();
    expect(tokens.idOf('cam', '192.0.2.1')).toBe(make().idOf('cam', '192.0.2.1'));
    expect(tokens.idOf('cam', '192.0.2.1')).not.toBe(tokens.idOf('cam1', '92.0.2.1'));
    expect(tokens.idOf('cam')).not.toBe(make({ secret: Buffer.alloc(32, 8) }).idOf('cam'));
    const id = tokens.idOf('cam');
    expect(tokens.verify(tokens.issue({ name: 'cam', id }), { name: 'cam' })?.id).toBe(id);
  });
});
