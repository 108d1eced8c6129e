import { chromium } from 'playwright-core';
import { findChromium } from '../../scripts/programs.mjs';

/**
 * Starts a Chromium that plays without being asked to.
 * @param {readonly string[]} [args] More of its arguments.
 */
export async function launchChromium(args = []) {
  const { path, env } = await findChromium();
  return chromium.launch({
    executablePath: path,
    args: ['--disable-gpu', '--autoplay-policy=no-user-gesture-required', ...args, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    env: { ...process.env, ...env },
  });
}
