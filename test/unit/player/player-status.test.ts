import type { PlayerState } from '../../../player/video/player-state';
import { factsOf, type PlayerFacts, PlayerStatus } from '../../../player/video/player-status';

const LIVE: Partial<PlayerFacts> = { link: 'open', started: true, paused: false };

describe('PlayerStatus', () => {
  it.each<[Partial<PlayerFacts>, PlayerState]>([
    [{}, { name: 'idle', text: '' }],
    [{ link: 'opening' }, { name: 'connecting', text: 'Connecting' }],
    [{ link: 'opening', refusal: 'full' }, { name: 'connecting', text: 'The relay is full; it goes on here when a place is free' }],
    [{ ...LIVE, link: 'lost', refusal: 'too-many' }, { name: 'reconnecting', text: 'Too many connections from your network; trying again soon' }],
    [{ ...LIVE, link: 'lost', refusal: 'internal' }, { name: 'reconnecting', text: 'Connection lost, connecting again' }],
    [{ ...LIVE, refusal: 'full' }, { name: 'live', text: '' }],
    [{ ...LIVE, link: 'lost' }, { name: 'reconnecting', text: 'Connection lost, connecting again' }],
    [{ link: 'open', waiting: 'publisher' }, { name: 'waiting', text: 'Waiting for a publisher' }],
    [{ link: 'open', waiting: 'keyframe' }, { name: 'waiting', text: 'Waiting for the next keyframe' }],
    [{ ...LIVE, waiting: 'idle' }, { name: 'waiting', text: 'The publisher sends nothing just now' }],
    [{ ...LIVE, started: false }, { name: 'waiting', text: 'Starting' }],
    [LIVE, { name: 'live', text: '' }],
    [{ ...LIVE, soundOnly: true }, { name: 'live', text: 'Sound only' }],
    [{ ...LIVE, paused: true }, { name: 'paused', text: '' }],
    [{ ...LIVE, behind: true }, { name: 'behind', text: '' }],
    [{ ...LIVE, starved: true }, { name: 'stalled', text: 'Waiting for the network' }],
    [
      { ...LIVE, ended: true, link: 'lost', waiting: 'publisher' },
      { name: 'ended', text: 'The stream has ended; it goes on here when somebody publishes again' },
    ],
    [
      { link: 'open', unsupported: 'video/mp4; codecs="hvc1.1.6.L93.B0, mp4a.40.2"' },
      { name: 'unsupported', text: "This browser can't play H.265 and AAC in MP4" },
    ],
    [{ ...LIVE, failure: 'Cannot use this name' }, { name: 'failed', text: 'Cannot use this name' }],
  ])('makes of %j %j', (facts, state) => {
    const status = new PlayerStatus({ changed: jest.fn(), failed: jest.fn() });
    status.set(facts);
    expect(status.state).toEqual(state);
  });

  it('tells why the relay has turned it away, until it is taken in', () => {
    const told: string[] = [];
    const status = new PlayerStatus({ changed: ({ text }) => told.push(text), failed: jest.fn() });
    const hear = (event: Parameters<typeof factsOf>[0]): void => status.set(factsOf(event, status.facts));
    hear({ type: 'connecting' });
    hear({ type: 'connecting', refusal: 'full' });
    hear({ type: 'connecting', refusal: 'full' });
    hear({ type: 'waiting', reason: 'publisher' });
    hear({ type: 'connecting' });
    expect(told).toEqual(['Connecting', 'The relay is full; it goes on here when a place is free', 'Waiting for a publisher', 'Connection lost, connecting again']);
  });

  it.each<[Parameters<typeof factsOf>[0], string]>([
    [{ type: 'connecting' }, 'failed'],
    [{ type: 'waiting', reason: 'publisher' }, 'failed'],
    [{ type: 'init', epoch: 'e2', mime: 'video/mp4', tracks: [], playable: true }, 'waiting'],
    [{ type: 'ended' }, 'ended'],
  ])('has failed until there is something else to play: after %j it is %s', (event, state) => {
    const status = new PlayerStatus({ changed: jest.fn(), failed: jest.fn() });
    status.set({ ...LIVE, started: false, failure: 'Cannot play' });
    status.set(factsOf(event, status.facts));
    expect(status.state.name).toBe(state);
  });

  it('tells a state only when it is another', () => {
    const told: string[] = [];
    const status = new PlayerStatus({ changed: ({ name }) => told.push(name), failed: jest.fn() });
    status.set({ link: 'opening' });
    status.set({ paused: false });
    status.set({ link: 'open', waiting: 'publisher' });
    status.set({ waiting: 'publisher' });
    status.set({ waiting: undefined, started: true });
    expect(told).toEqual(['connecting', 'waiting', 'live']);
  });
});
