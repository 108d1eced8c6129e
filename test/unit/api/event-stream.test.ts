import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { EventStream } from '../../../src/api/event-stream';
import { RelayEvents } from '../../../src/api/relay-events';
import { FakeRelay } from '../../support/fake-relay';

afterEach(() => jest.restoreAllMocks());

describe('the readers of events', () => {
  it('share what an event is in text, however many they are', () => {
    const { registry, clock } = new FakeRelay();
    const events = new RelayEvents({ registry, clock });
    const written: unknown[] = [];
    for (let reader = 0; reader < 10; reader++) {
      const response = new ServerResponse(new IncomingMessage(new Socket()));
      jest.spyOn(response, 'write').mockImplementation((text: unknown) => written.push(text) > 0);
      new EventStream({ response, events, clock, after: undefined });
    }
    written.length = 0;
    const stringify = jest.spyOn(JSON, 'stringify');
    events.tick();
    expect(stringify).toHaveBeenCalledTimes(1);
    expect(written).toHaveLength(10);
    expect(new Set(written).size).toBe(1);
  });
});
