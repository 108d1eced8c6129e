import type { Page } from 'playwright-core';

/** How a test broadcasts. */
export interface BroadcastShape {
  /** One of `RECORDING_TYPES`, by its id; without, what the studio takes by itself. */
  readonly type?: string;
  /** One of `QUALITIES`, by its id: the lowest, unless told otherwise, because the encoder shares the machine. */
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
  await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
}

/** Goes live with the camera from the studio at `url`, which must be a page with a camera; resolves once it is on air. */
export async function goLive(page: Page, url: string, { type, quality = 'low' }: BroadcastShape = {}): Promise<void> {
  await openStudio(page, url);
  await page.getByText('Advanced', { exact: true }).click();
  await page.locator('#quality').selectOption(quality);
  if (type !== undefined) await page.locator('#type').selectOption(type);
  await page.getByRole('button', { name: 'Go live' }).click();
  await onAir(page);
}

/** Resolves once the studio says that it is on air. */
export async function onAir(page: Page): Promise<void> {
  await page.getByText('You are on air').waitFor();
}
