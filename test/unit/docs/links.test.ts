import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(__dirname, '../../..');

function pages(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pages(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(path: string): string[] {
  const headings = [...readFileSync(path, 'utf8').matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) => heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replace(/\s/g, '-'));
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|js)$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('the docs', () => {
  it.each(pages(root).map((path) => [relative(root, path), path]))('%s has no dead link to a file of the project', (_name, path) => {
    const links = [...readFileSync(path, 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target ?? '');
    const dead = links.filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(path), target)));
    expect(dead).toEqual([]);
  });

  it.each(pages(root).map((path) => [relative(root, path), path]))('%s has no dead link to a heading', (_name, path) => {
    const links = [...readFileSync(path, 'utf8').matchAll(/\]\(([^)#\s]*)#([^)]*)\)/g)].map(([, target = '', anchor = '']) => ({ target, anchor }));
    const dead = links.filter(({ target, anchor }) => !/^[a-z]+:/.test(target) && !anchorsOf(target === '' ? path : join(dirname(path), target)).includes(anchor));
    expect(dead).toEqual([]);
  });

  it('have no line for ffmpeg in two places', () => {
    const lines = pages(root).flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/^ {4}(ffmpeg .*)$/gm)].map(([, line]) => line));
    expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
  });

  it.each(['ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/flow-control.md'])('%s names no source file that is not there', (name) => {
    const named = [...readFileSync(join(root, name), 'utf8').matchAll(/`([\w./-]+\.(?:ts|mjs|js))`/g)].map(([, path]) => `/${path ?? ''}`);
    const files = ['bin', 'src', 'player', 'scripts', 'test', 'bench', 'fuzz', 'try-files'].flatMap((folder) => sources(join(root, folder)));
    const known = [...files, join(root, 'eslint.unguarded.mjs')];
    expect(named.filter((path) => !known.some((file) => file.endsWith(path)))).toEqual([]);
  });
});
