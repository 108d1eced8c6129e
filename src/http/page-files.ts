import { Injectable } from '@nestjs/common';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../base/package';

export type PageName = 'dashboard' | 'stream' | 'watch' | 'studio' | 'error';

/** Where the built pages and the player are. */
export const PLAYER_FOLDER = join(packageRoot(), 'dist', 'player');
/** Where the samples are. */
export const SAMPLES_FOLDER = join(packageRoot(), 'samples');

/** The built pages. They are small and seldom asked for: each is read when it is. */
@Injectable()
export class PageFiles {
  /**
   * The HTML of a page, or undefined if the pages aren't built. All that it refers to is relative to the root of the relay,
   * since a proxy may have that below a path of its own: the page states how far up it is from `url`, that of the request.
   */
  async read(name: PageName, url: string): Promise<string | undefined> {
    try {
      const page = await readFile(join(PLAYER_FOLDER, `${name}.html`), 'utf8');
      return page.replace('<base href="../" />', `<base href="${wayUp(url)}" />`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

/** From the path of a request to the root. */
function wayUp(url: string): string {
  const [path = ''] = url.split('?');
  return '../'.repeat(path.split('/').length - 2) || './';
}
