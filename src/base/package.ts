import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of Sluice's package.json, wherever in it this code runs from: `src` or `dist/server`. */
export function packageRoot(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`Cannot find the package.json of Sluice above ${__dirname}`);
  }
}

/** The version of this package. */
export function version(): string {
  const { version: value } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return value;
}
