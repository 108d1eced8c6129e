/** How often to look whether npm is still there, ms. */
const LOOK = 250;

/** Ends this process as SIGTERM does when npm is ended: npm passes a signal on only to the shell between it and us, which ends without a word to us. */
export function endWithNpm() {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const shell = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(look);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK);
  look.unref();
}
