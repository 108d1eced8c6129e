/**
 * The largest time or duration that is taken from outside, seconds: about 3,170 years. It has room for every clock that media is
 * stamped by (Unix, NTP, .NET), and twice as many milliseconds still fit into a `Date`, which holds 8.64 × 10^15.
 */
export const MAX_SECONDS = 1e11;
