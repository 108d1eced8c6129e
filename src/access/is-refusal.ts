import { SluiceError } from '../protocol/error-code';

/** Whether what was thrown is a decision against whoever asked, and not that it couldn't be decided, or not now. */
export function isRefusal(thrown: unknown): boolean {
  return thrown instanceof SluiceError && thrown.entry.status < 500 && thrown.code !== 'too-many';
}
