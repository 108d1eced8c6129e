/** The WebSocket subprotocol of clients that speak the control messages; without it a socket carries media only. */
export const SUBPROTOCOL = 'sluice.v1';
