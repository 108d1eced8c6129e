import { on } from './guard';

/** What is behind a standard stream that is a terminal or a pipe. Node's types don't tell of it. */
interface Handle {
  setBlocking?(blocking: boolean): number;
}

/**
 * Lets neither a reader who has gone end the process, nor one who has stopped reading (a terminal at Ctrl-S, an ssh that hangs)
 * make it wait: what is printed then waits in the process, so that whoever prints much has to have a limit.
 *
 * Node opens pipes and sockets so by itself, but terminals so that each write waits.
 */
export function freeStandardStreams(): void {
  for (const stream of [process.stdout, process.stderr]) {
    on(stream, 'error', () => undefined);
    (stream as { readonly _handle?: Handle })._handle?.setBlocking?.(false);
  }
}
