import { readdirSync, readFileSync } from 'node:fs';

/** Throws where /proc doesn't tell what is measured. */
export function checkStats() {
  try {
    cpuTime(process.pid);
  } catch (cause) {
    throw new Error('Cannot measure here: this needs Linux, whose /proc/PID/schedstat tells the time that a process ran', { cause });
  }
}

/**
 * How long all threads of a process and of those that it started have run, ms.
 * @param {number} pid
 * @returns {number}
 */
export function cpuTime(pid) {
  let time = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [ran = ''] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    time += Number(ran) / 1e6;
  }
  return childrenOf(pid).reduce((sum, child) => sum + cpuTime(child), time);
}

/**
 * The most memory that a process and those that it started have had, bytes.
 * @param {number} pid
 * @returns {number}
 */
export function peakMemory(pid) {
  return childrenOf(pid).reduce((sum, child) => sum + peakMemory(child), statusOf(pid, 'VmHWM'));
}

/**
 * The memory that a process and those that it started have now, bytes.
 * @param {number} pid
 * @returns {number}
 */
export function memory(pid) {
  return childrenOf(pid).reduce((sum, child) => sum + memory(child), statusOf(pid, 'VmRSS'));
}

/**
 * @param {number} pid
 * @param {string} field In KiB.
 */
function statusOf(pid, field) {
  const [, value = '0'] = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(value) * 1024;
}

/**
 * The processes that a process has started.
 * @param {number} pid
 */
export function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((child) => child.trim() !== '').map(Number);
}
