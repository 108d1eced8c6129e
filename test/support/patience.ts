/** How long a test waits for what should come, ms. Only a failure takes so long, however busy the machine is. */
export const PATIENCE = 90_000;
