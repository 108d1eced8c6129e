import { spawn } from 'node:child_process';

/** One for each core of a small machine. */
const LOOPS = 2;
/** Spins until its standard input is closed. The system closes it when whoever started the loop ends, however that happens. */
const LOOP = `
  process.stdin.on('close', () => process.exit()).resume();
  const spin = () => {
    for (const end = Date.now() + 50; Date.now() < end; );
    setImmediate(spin);
  };
  spin();
`;

/**
 * Starts programs that keep the processor busy until they are killed or this process ends.
 * @returns {import('node:child_process').ChildProcess[]}
 */
export function startBusyLoops() {
  return Array.from({ length: LOOPS }, () => spawn(process.execPath, ['--eval', LOOP], { stdio: ['pipe', 'ignore', 'inherit'] }));
}
