import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import type { OpenAPIObject } from '@nestjs/swagger';
import { API_ERROR, REFUSAL_LIST, RELAY_EVENT, SOURCE_LIST, STREAM_DETAIL, STREAM_LIST, VIEWER_LIST } from '../../src/api/api-schemas';
import { API_CONTROLLERS } from '../../src/server/relay.module';
import { EventReader } from '../support/event-reader';
import { eventually } from '../support/eventually';
import { connectPublisher, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

let relay: TestRelay;
let document: OpenAPIObject;

beforeAll(async () => {
  relay = await startRelay({ demo: true });
  document = (await (await fetch(`${relay.url}/api/openapi.json`)).json()) as OpenAPIObject;
});

afterAll(() => relay.close());

/** Every route that the controllers of the API have, such as `GET /api/streams/{name}`. */
function routes(): string[] {
  return API_CONTROLLERS.flatMap((controller) => {
    const base = Reflect.getMetadata(PATH_METADATA, controller) as string;
    return Object.getOwnPropertyNames(controller.prototype).flatMap((key) => {
      const handler = (controller.prototype as unknown as Record<string, unknown>)[key] as object;
      const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
      if (method === undefined) return [];
      const path = `/${base}/${Reflect.getMetadata(PATH_METADATA, handler) as string}`.replace(/\/+$/, '').replace(/\/+/g, '/');
      return `${RequestMethod[method]} ${path.replace(/:(\w+)/g, '{$1}')}`;
    });
  });
}

const documented = (): string[] => Object.entries(document.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));

describe('the document of the API', () => {
  it('has every route that there is, and no other', () => {
    expect(routes().length).toBeGreaterThanOrEqual(10);
    expect(documented().sort()).toEqual(routes().sort());
  });

  it('says of each what it does, what it takes, and what it answers', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const operation of [item.get, item.delete, item.post]) {
        if (operation === undefined) continue;
        expect(operation.summary).toMatch(/^[A-Z]/);
        expect(Object.keys(operation.responses)).toEqual([operation === item.delete ? '204' : '200', 'default']);
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        const parameters = (operation.parameters ?? []) as { name: string; in: string }[];
        expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(named);
      }
    }
  });

  it('refers to nothing that it hasn’t got', () => {
    const text = JSON.stringify(document);
    const schemas = Object.keys(document.components?.schemas ?? {});
    const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of refs) expect(schemas.map((name) => `#/components/schemas/${name}`)).toContain(ref);
    expect(document.openapi).toBe('3.1.0');
  });

  it('has only routes that answer', async () => {
    await eventually('the demo', async () => (await fetch(`${relay.url}/api/streams/demo`)).ok);
    for (const route of documented()) {
      const [method = '', path = ''] = route.split(' ');
      // The stream itself is left to the other tests.
      const name = method === 'DELETE' ? 'nobody' : 'demo';
      const abort = new AbortController();
      const response = await fetch(relay.url + path.replace('{name}', name).replace('{id}', 'x'), { method, signal: abort.signal });
      if (response.status === 200) abort.abort();
      else expect(`${route}: ${API_ERROR.parse(await response.json()).error.code}`).toBe(`${route}: no-stream`);
    }
  });

  it('describes what is really answered', async () => {
    const media = await sampleMedia();
    const publisher = await connectPublisher(relay.wsUrl, 'cam');
    await send(publisher, media.init, ...media.fragments);
    publisher.tell({ type: 'clock', media: 4, wall: Date.now() });
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    viewer.tell({ type: 'report', id: 1, latency: 0.2, buffer: 0.1, stalls: 0, dropped: 0 });
    await viewer.next('ok');
    const progressive = new AbortController();
    await fetch(`${relay.url}/watch/cam.mp4`, { signal: progressive.signal });
    const reader = await EventReader.open(relay.url);
    await reader.next('viewers-changed');
    const read = async (path: string): Promise<unknown> => (await fetch(`${relay.url}/api/${path}`)).json();

    STREAM_LIST.parse(await read('streams'));
    expect(STREAM_DETAIL.parse(await read('streams/cam')).history).not.toEqual([]);
    expect(VIEWER_LIST.parse(await read('streams/cam/viewers')).viewers).toHaveLength(2);
    expect(SOURCE_LIST.parse(await read('sources')).sources).toHaveLength(1);
    await fetch(`${relay.url}/publish/no.name`, { method: 'PUT', body: 'x' });
    expect(REFUSAL_LIST.parse(await read('refusals')).refusals).toMatchObject([{ name: 'no.name', code: 'bad-name', count: 1 }]);
    for (const event of reader.events) RELAY_EVENT.parse(event);
    expect(new Set(reader.events.map(({ type }) => type)).size).toBeGreaterThanOrEqual(4);

    reader.close();
    progressive.abort();
    viewer.socket.terminate();
    publisher.socket.terminate();
  });
});

describe('the page that shows it', () => {
  it('runs no script but files of the relay’s own, and loads nothing from elsewhere', async () => {
    const response = await fetch(`${relay.url}/api/docs`);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self';");
    const scripts = [...page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, attributes = '', body = ''] of scripts) {
      expect(body.trim()).toBe('');
      const [, source = ''] = /src="([^"]+)"/.exec(attributes) ?? [];
      expect((await fetch(new URL(source, `${relay.url}/api/docs/`))).status).toBe(200);
    }
    expect([...page.matchAll(/(?:src|href)="(https?:[^"]+)"/g)]).toEqual([]);
  });
});
