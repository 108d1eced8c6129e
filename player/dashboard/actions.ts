import type { SourceInfo } from '../../src/protocol/source-info';
import type { ViewerInfo } from '../../src/protocol/viewer-info';
import { ConfirmDialog, type Question } from './confirm-dialog';
import type { RelayApi } from './relay-api';

/** What an administrator can do, each after a question, with what came of it told in words. */
export class Actions {
  readonly #api: RelayApi;
  readonly #tell: (words: string) => void;
  readonly #dialog = new ConfirmDialog();

  constructor(api: RelayApi, tell: (words: string) => void) {
    this.#api = api;
    this.#tell = tell;
  }

  /** Resolves with whether the stream was ended. */
  endStream(name: string, viewers: number): Promise<boolean> {
    const who = viewers === 0 ? 'Nobody watches it.' : viewers === 1 ? 'One viewer is watching.' : `${viewers} viewers are watching.`;
    return this.#do(
      { title: `End “${name}”?`, text: `${who} The publisher is disconnected; it may begin again.`, action: 'End the stream' },
      { request: ['DELETE', `api/streams/${encodeURIComponent(name)}`], done: `“${name}” was ended` },
    );
  }

  /** Resolves with whether the viewer was disconnected. */
  disconnect(name: string, { id, address }: ViewerInfo): Promise<boolean> {
    return this.#do(
      { title: 'Disconnect this viewer?', text: `The viewer at ${address} stops seeing “${name}”; it may come back.`, action: 'Disconnect' },
      { request: ['DELETE', `api/streams/${encodeURIComponent(name)}/viewers/${encodeURIComponent(id)}`], done: `The viewer at ${address} was disconnected` },
    );
  }

  /** Resolves with whether it was done. Starting hurts nobody, and is done without a question. */
  source({ name }: SourceInfo, action: 'start' | 'stop'): Promise<boolean> {
    const question = action === 'start' ? undefined : { title: `Stop the source “${name}”?`, text: 'Its stream ends, for its viewers too.', action: 'Stop the source' };
    const done = action === 'start' ? `The source “${name}” was started` : `The source “${name}” was stopped`;
    return this.#do(question, { request: ['POST', `api/sources/${encodeURIComponent(name)}/${action}`], done });
  }

  async #do(question: Question | undefined, { request, done }: { request: ['POST' | 'DELETE', string]; done: string }): Promise<boolean> {
    if (question !== undefined && !(await this.#dialog.ask(question))) return false;
    try {
      await this.#api.act(...request);
    } catch (error) {
      this.#tell(`That did not work: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
    this.#tell(done);
    return true;
  }
}
