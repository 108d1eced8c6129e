import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** A request for questions of access that are decided without looking at it. */
export const A_REQUEST = new IncomingMessage(new Socket());
