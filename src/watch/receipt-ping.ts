import type { MediaPlace } from '../relay/viewer-outlet';

/** No ping is longer (RFC 6455, section 5.5). */
const MAX_PAYLOAD = 125;
const RECEIPT = /^([\x21-\x7e]{1,100}) (\d{1,15})$/;

let newest: { readonly place: MediaPlace; readonly payload: Buffer } | undefined;

/** The payload of a ping whose pong says that everything up to `place` has arrived: one buffer for all viewers that are there. */
export function receiptPing(place: MediaPlace): Buffer {
  if (newest?.place !== place) newest = { place, payload: Buffer.from(`${place.epoch} ${place.position}`) };
  return newest.payload;
}

/** The place that a pong speaks of, or undefined if it is no receipt. */
export function readReceiptPong(payload: Buffer): MediaPlace | undefined {
  if (payload.length > MAX_PAYLOAD) return undefined;
  const [, epoch, position] = RECEIPT.exec(payload.toString('latin1')) ?? [];
  return epoch === undefined ? undefined : { epoch, position: Number(position) };
}
