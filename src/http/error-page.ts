import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { entryOf, type SluiceError } from '../protocol/error-code';
import { PageFiles } from './page-files';

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** What a person who has typed a wrong address is shown, where a program is told the same in JSON. */
@Injectable()
export class ErrorPage {
  readonly #files: PageFiles;

  constructor(files: PageFiles) {
    this.#files = files;
  }

  /** The page that tells of `error`, or undefined if the pages aren't built. `url` is that of the request. */
  async of(error: SluiceError, url: string): Promise<string | undefined> {
    const { status, remedy } = entryOf(error);
    const values: Readonly<Record<string, string>> = { status: String(status), message: error.message, remedy, code: error.code };
    const page = await this.#files.read('error', url);
    return page?.replace(/\{\{(\w+)\}\}/g, (_match, key: string) => escape(values[key] ?? ''));
  }
}

/** Whether a request is a browser's that opens a page: only those ask for HTML by its name. */
export function wantsPage({ method, headers }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html');
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign);
}
