import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { launchBrowser, pageErrors } from '../support/browser';

let browser: Browser;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end('<!doctype html><link rel="icon" href="data:,">')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launchBrowser({ fakeCamera: true });
});

afterAll(async () => {
  await browser.close();
  server.close();
});

describe('the browser of these tests', () => {
  it.each(['video/mp4; codecs="avc1.42E01E, mp4a.40.2"', 'video/webm; codecs="vp8, opus"', 'video/webm; codecs="vp9, opus"'])('plays %s', async (type) => {
    const page = await browser.newPage();
    expect(await page.evaluate((wanted) => MediaSource.isTypeSupported(wanted), type)).toBe(true);
    await page.close();
  });

  it('has a camera and a microphone', async () => {
    const page = await browser.newPage();
    await page.goto(url);
    const tracks = await page.evaluate(async () => (await navigator.mediaDevices.getUserMedia({ video: true, audio: true })).getTracks().map(({ kind }) => kind));
    expect(tracks.sort()).toEqual(['audio', 'video']);
    await page.close();
  });

  it('tells what goes wrong in a page', async () => {
    const page = await browser.newPage();
    const errors = pageErrors(page);
    await page.goto(url);
    expect(errors).toEqual([]);
    const thrown = page.waitForEvent('pageerror');
    await page.evaluate(() => {
      console.error('a word');
      setTimeout(() => {
        throw new Error('a throw');
      });
    });
    await thrown;
    expect(errors).toEqual([expect.stringContaining('a word'), expect.stringContaining('a throw')]);
    await page.close();
  });
});
