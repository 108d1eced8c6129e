import { codeOf } from '../../support/code-of';
import { initSegment } from '../../support/fake-media';
import { FakeOutlet } from '../../support/fake-outlet';
import { FakeLink, FakeRelay } from '../../support/fake-relay';

describe('the registry', () => {
  it.each(['', 'a.b', '-a', 'a b', 'a/b', 'ä', 'a\n', 'x'.repeat(65), 'x'.repeat(100_000)])('refuses the name %j before anything is created', (name) => {
    const { registry, clock } = new FakeRelay();
    expect(codeOf(() => registry.checkFree(name))).toBe('bad-name');
    expect(codeOf(() => registry.publish(name, new FakeLink()))).toBe('bad-name');
    expect(codeOf(() => registry.watch(name, new FakeOutlet()))).toBe('bad-name');
    expect([registry.get(name), clock.pending]).toEqual([undefined, 0]);
  });

  it('shows nothing of a key that was taken for a part of the name', () => {
    const { registry } = new FakeRelay();
    expect(() => registry.checkFree('cam?token=secret')).toThrow('Cannot use "cam" as the name of a stream');
  });

  it('creates nothing to say that a name is free', () => {
    const { registry, clock } = new FakeRelay();
    registry.checkFree('cam');
    registry.checkFree('cam', 'session');
    expect([registry.get('cam'), clock.pending]).toEqual([undefined, 0]);
  });

  it('lets so many streams be published, held ones among them, and watched ones not', () => {
    const relay = new FakeRelay({ streams: 2 });
    const { registry } = relay;
    registry.watch('watched', new FakeOutlet());
    const feeds = [registry.publish('a', new FakeLink()), registry.publish('b', new FakeLink('session'))];
    feeds[0]!.init(initSegment());
    feeds[0]!.lost();
    expect(codeOf(() => registry.checkFree('watched'))).toBe('full');
    expect(codeOf(() => registry.publish('c', new FakeLink()))).toBe('full');
    expect(registry.get('c')).toBeUndefined();
    // Who goes on with a stream that is counted is let in.
    registry.publish('a', new FakeLink()).end();
    registry.publish('b', new FakeLink('session'));
    registry.publish('watched', new FakeLink());
    expect(codeOf(() => registry.checkFree('c'))).toBe('full');
  });

  it('forgets a stream that nobody publishes or watches any more', () => {
    const relay = new FakeRelay();
    const { registry, clock } = relay;
    const viewers = [relay.watch(), relay.watch()].map(({ viewer }) => viewer);
    viewers[0]!.close();
    expect(registry.get('cam')).toBeDefined();
    viewers[1]!.close();
    viewers[1]!.close();
    expect([registry.get('cam'), clock.pending]).toEqual([undefined, 0]);
  });

  it('keeps a stream that is published, watched or not', () => {
    const relay = new FakeRelay();
    relay.publish();
    relay.watch().viewer.close();
    expect(relay.registry.get('cam')).toBeDefined();
  });

  it('keeps apart a stream and the one of the same name that followed it', () => {
    const relay = new FakeRelay();
    const { viewer } = relay.watch();
    relay.live().end();
    const feed = relay.live();
    viewer.close();
    expect(relay.registry.get('cam')?.epoch).toBeDefined();
    expect(feed.viewers).toBe(0);
  });

  it('lists streams by name, from their first init segment on', () => {
    const { registry } = new FakeRelay();
    registry.publish('silent', new FakeLink());
    registry.watch('watched', new FakeOutlet());
    for (const name of ['b', 'a_1', 'C', 'a-1', 'a']) registry.publish(name, new FakeLink()).init(initSegment());
    expect(registry.list().map(({ name }) => name)).toEqual(['C', 'a', 'a-1', 'a_1', 'b']);
  });

  it('tells every viewer of a restart, and leaves no timer', () => {
    const relay = new FakeRelay();
    const { registry, clock } = relay;
    const waiting = new FakeOutlet();
    registry.watch('other', waiting);
    registry.publish('held', new FakeLink()).init(initSegment());
    const held = registry.publish('held-2', new FakeLink());
    held.init(initSegment());
    held.lost();
    const feed = relay.live();
    const { outlet } = relay.watch();
    registry.close();
    registry.close();
    expect(waiting.news()).toEqual(['waiting publisher', 'end restart']);
    expect(outlet.news().at(-1)).toBe('end restart');
    expect([registry.list(), clock.pending]).toEqual([[], 0]);
    feed.lost();
    feed.end();
    expect(clock.pending).toBe(0);
  });
});
