/** Injects the `Config` that the relay was started with. */
export const CONFIG = Symbol('CONFIG');
/** Injects the `Clock`. */
export const CLOCK = Symbol('CLOCK');
/** Injects the `Log`. */
export const LOG = Symbol('LOG');
