import type { IncomingMessage } from 'node:http';
import type { SessionTokens } from './session-tokens';

const PATH = /^\/hls\/([^/?]+)\/([\w-]+)\//;

/** Finds the viewer that a request over HLS is of, by the session in its path, `/hls/NAME/SESSION/…`; undefined if there is none that this relay has made, or it has ended. */
export function requestSession(tokens: SessionTokens): (request: IncomingMessage) => string | undefined {
  return ({ url = '' }) => {
    const [, name, session] = PATH.exec(url) ?? [];
    return name === undefined || session === undefined ? undefined : tokens.verify(session, { name })?.id;
  };
}
