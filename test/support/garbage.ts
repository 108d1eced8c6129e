import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// Available from here on in this process, without a flag on its command line.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collections after which what is still there is referred to by somebody. */
const ENOUGH = 5;

/** Whether the garbage collector has removed what `ref` refers to, after it was run several times. */
export async function isCollected(ref: WeakRef<object>): Promise<boolean> {
  for (let times = 0; times < ENOUGH; times++) {
    // What a `WeakRef` was created for or gave away is kept until the end of the job.
    await setImmediate();
    collect();
    if (ref.deref() === undefined) return true;
  }
  return false;
}
