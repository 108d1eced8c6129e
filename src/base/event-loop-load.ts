import { performance } from 'node:perf_hooks';

/** Says, each time it is called, what share of the time since its last call the event loop of this process was busy, 0 to 1. */
export function eventLoopLoad(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
