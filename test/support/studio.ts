import type { Page } from 'playwright-core';

/** How a test broadcasts. */
export interface BroadcastShape {
  /** Who encodes; without, what the studio takes by itself. */
  readonly encoder?: 'webcodecs' | 'mediarecorder';
  /** The codec of the picture; without, what the studio takes by itself. */
  readonly codec?: 'h264' | 'vp9' | 'av1' | 'vp8';
  /** One of `PRESETS`, by its id: a low one, unless told otherwise, because the encoder shares the machine. */
  readonly quality?: string;
}

/** Opens the studio at `url`, with the camera on. */
export async function openStudio(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await startCamera(page);
}

/** Waits for the camera's picture; asks for the camera if the studio hasn't by itself. */
export async function startCamera(page: Page): Promise<void> {
  const start = page.getByRole('button', { name: 'Start camera' });
  const preview = page.locator('video');
  await start.or(preview).filter({ visible: true }).first().waitFor();
  if (await start.isVisible()) await start.click();
  await preview.waitFor();
  await page.waitForFunction(() => (document.querySelector('sluice-studio')?.shadowRoot?.querySelector('video')?.videoWidth ?? 0) > 0);
}

/** Goes live with the camera from the studio at `url`, which must be a page with a camera; resolves once it is on air. */
export async function goLive(page: Page, url: string, { encoder, codec, quality = 'low' }: BroadcastShape = {}): Promise<void> {
  await openStudio(page, url);
  await page.getByText('Advanced', { exact: true }).click();
  await page.locator('#quality').selectOption(quality);
  if (encoder !== undefined) await page.locator('#encoder-choice').selectOption(encoder);
  if (codec !== undefined) await page.locator('#codec').selectOption(codec);
  await page.getByRole('button', { name: 'Go live' }).click();
  await onAir(page);
}

/** Resolves once the studio says that it is on air; a failure shows what it says instead. */
export async function onAir(page: Page): Promise<void> {
  try {
    await page.getByText('You are on air').waitFor();
  } catch (cause) {
    const said = await page.locator('sluice-studio').innerText().catch(String);
    throw new Error(`The studio isn't on air; it says: ${said}`, { cause });
  }
}
