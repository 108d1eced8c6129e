import { Injectable } from '@nestjs/common';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../config/package-root';

export type PageName = 'dashboard' | 'stream' | 'watch' | 'studio' | 'error';

/** Where the built pages and the player are. */
export const PLAYER_FOLDER = join(packageRoot(), 'dist', 'player');
/** Where the samples are. */
export const SAMPLES_FOLDER = join(packageRoot(), 'samples');

/** The built pages. They are small and seldom asked for: each is read when it is. */
@Injectable()
export class PageFiles {
  /** The HTML of a page, or undefined if the pages aren't built. */
  async read(name: PageName): Promise<string | undefined> {
    try {
      return await readFile(join(PLAYER_FOLDER, `${name}.html`), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
