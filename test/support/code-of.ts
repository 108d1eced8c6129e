import { SluiceError } from '../../src/protocol/error-code';

/** The code of the `SluiceError` that `run` throws, or undefined if it throws nothing. Another error is thrown on. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.code;
    throw thrown;
  }
}

/** The code of the `SluiceError` that `run` rejects with, or `otherwise`. Another error is thrown on. */
export async function codeOfAsync(run: () => Promise<unknown>, otherwise = 'no error'): Promise<string> {
  try {
    await run();
    return otherwise;
  } catch (thrown) {
    if (thrown instanceof SluiceError) return thrown.code;
    throw thrown;
  }
}
