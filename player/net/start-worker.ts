/** Starts a script as a worker, from another origin too; undefined where the page's policy forbids it. */
export function startWorker(url: string, name: string): Worker | undefined {
  const options = { type: 'module', name } as const;
  try {
    if (new URL(url).origin === location.origin) return new Worker(url, options);
    const address = URL.createObjectURL(new Blob([`import ${JSON.stringify(url)}`], { type: 'text/javascript' }));
    return new Worker(address, options);
  } catch {
    return undefined;
  }
}
