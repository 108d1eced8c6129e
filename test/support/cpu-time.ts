/** How much time of a processor this process spends in `run`, ms. Other programs that keep the machine busy don't count. */
export function cpuTime(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
