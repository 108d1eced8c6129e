/** Takes what code threw that nobody waits for, and what that code was. Everything else goes on. */
export type Failed = (error: unknown, where: string) => void;
