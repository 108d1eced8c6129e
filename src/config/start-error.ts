/** Why the relay can't start. The message is one line for its operator: what is wrong, and the remedy. */
export class StartError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StartError';
  }
}
