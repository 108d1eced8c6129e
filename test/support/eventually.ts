import { PATIENCE } from './patience';

/** Calls `look` until it gives something, at most `timeout` ms; then fails with what was `wanted`. */
export async function eventually<Value>(
  wanted: string,
  look: () => Value | undefined | false | null | Promise<Value | undefined | false | null>,
  timeout = PATIENCE,
): Promise<Value> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false && value !== null) return value;
    if (performance.now() > deadline) throw new Error(`Still not so after ${timeout} ms: ${wanted}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
