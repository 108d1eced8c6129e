// Loaded into a relay that is tested, before its own code: makes it fail where nobody catches.
if (process.argv.includes('--supervised')) {
  process.on('SIGUSR2', () => {
    setTimeout(() => {
      throw new Error('thrown by the test');
    });
  });
  process.on('SIGCONT', () => {
    Promise.reject(new Error('rejected by the test'));
  });
}
