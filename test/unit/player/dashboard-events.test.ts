import { EventLog } from '../../../player/dashboard/event-log';
import { eventStream, eventWords, type Happening } from '../../../player/dashboard/event-words';

const source = { name: 'door', input: 'rtsp://camera/1', loop: false, restarts: 3 } as const;
const came = (id: number, joined: number, left: number, viewers: number, name = 'cam'): Happening => ({ id, at: id, type: 'viewers-changed', name, joined, left, viewers });

describe('eventWords', () => {
  it.each<[Happening, string]>([
    [{ id: 1, at: 0, type: 'stream-live', name: 'cam', mime: 'video/mp4', resumed: false }, '“cam” is live'],
    [{ id: 1, at: 0, type: 'stream-live', name: 'cam', mime: 'video/mp4', resumed: true }, '“cam” is back'],
    [{ id: 1, at: 0, type: 'stream-held', name: 'cam' }, 'The publisher of “cam” broke off'],
    [{ id: 1, at: 65_000, type: 'stream-ended', name: 'cam', reason: 'ended', since: 0 }, '“cam” ended after 1:05'],
    [{ id: 1, at: 65_000, type: 'stream-ended', name: 'cam', reason: 'operator', since: 0 }, '“cam” was ended by an operator after 1:05'],
    [{ id: 1, at: 65_000, type: 'stream-ended', name: 'cam', reason: 'restart', since: 0 }, '“cam” ended with the relay after 1:05'],
    [{ id: 1, at: 0, type: 'publisher-refused', name: 'cam', address: '192.0.2.7', code: 'name-in-use', message: 'Name in use', count: 1 }, 'A publisher was refused to “cam” from 192.0.2.7: Name in use'],
    [{ id: 1, at: 0, type: 'publisher-refused', name: 'cam', address: '192.0.2.7', code: 'name-in-use', message: 'Name in use', count: 9 }, '9 publishers were refused to “cam” from 192.0.2.7: Name in use'],
    [came(1, 3, 0, 3), '“cam”: 3 came, 3 watch'],
    [came(1, 0, 2, 1), '“cam”: 2 left, 1 watches'],
    [came(1, 1, 2, 0), '“cam”: 1 came and 2 left, 0 watch'],
    [{ id: 1, at: 0, type: 'keyframe-missing', name: 'cam', seconds: 11.2 }, '“cam”: no keyframe for 0:11, viewers can’t join'],
    [{ id: 1, at: 0, type: 'times-jumped', name: 'cam', seconds: -3000, count: 1 }, '“cam”: timestamps jumped back by 50:00'],
    [{ id: 1, at: 0, type: 'tracks-stopped', name: 'cam', stopped: ['audio'] }, '“cam”: no sound comes any more'],
    [{ id: 1, at: 0, type: 'tracks-stopped', name: 'cam', stopped: [] }, '“cam”: picture and sound come again'],
    [{ id: 1, at: 0, type: 'viewer-too-slow', name: 'cam', count: 1 }, '“cam”: 1 viewer too slow, let go'],
    [{ id: 1, at: 0, type: 'source-state', source: { ...source, state: 'running' } }, 'Source “door” runs'],
    [{ id: 1, at: 0, type: 'source-state', source: { ...source, state: 'restarting', message: 'No route' } }, 'Source “door” failed and starts again: No route'],
    [{ id: 1, at: 0, type: 'source-state', source: { ...source, state: 'stopped' } }, 'Source “door” stopped'],
    [{ id: 1, at: 0, type: 'source-state', source: { ...source, state: 'failed', message: 'No ffmpeg' } }, 'Source “door” failed: No ffmpeg'],
  ])('%#: %s', (event, words) => expect(eventWords(event).words).toBe(words));

  it('knows the stream that an event is about', () => {
    expect(eventStream({ id: 1, at: 0, type: 'source-state', source: { ...source, state: 'running' } })).toBe('door');
    expect(eventStream(came(1, 1, 0, 1))).toBe('cam');
  });
});

describe('EventLog', () => {
  it('has the newest first, and no more than a hundred', () => {
    const log = new EventLog();
    for (let id = 1; id <= 250; id++) log.add({ id, at: id, type: 'stream-held', name: `cam${id}` });
    expect(log.events).toHaveLength(100);
    expect(log.events[0]).toMatchObject({ id: 250 });
  });

  it('counts the comings and goings of one stream in a row as one', () => {
    const log = new EventLog();
    log.add(came(1, 2, 0, 2));
    log.add(came(2, 3, 1, 4));
    expect(log.events).toEqual([came(2, 5, 1, 4)]);
    log.add(came(3, 1, 0, 1, 'door'));
    log.add(came(4, 1, 0, 5));
    expect(log.events.map(({ id }) => id)).toEqual([4, 3, 2]);
    expect(log.of('door')).toEqual([came(3, 1, 0, 1, 'door')]);
  });

  it('ignores what a new connection brings again', () => {
    const log = new EventLog();
    log.add(came(1, 1, 0, 1));
    log.add(came(2, 1, 0, 2));
    log.add(came(1, 1, 0, 1));
    expect(log.events).toEqual([came(2, 2, 0, 2)]);
  });
});
