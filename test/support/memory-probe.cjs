// Loaded by a relay that is a test's child: tells what it holds when it is asked.
process.on('message', () => {
  for (let times = 0; times < 2; times++) globalThis.gc?.();
  process.send?.(process.memoryUsage());
});
// The channel alone keeps nobody running.
process.channel?.unref();
