import type { PublisherWarning } from '../publisher/publisher-state';
import type { Warning } from './warning-board';

/** How long a warning stands that isn't told again, ms. */
const SHORT = 12_000;

const WORDS: Readonly<Record<Exclude<PublisherWarning['code'], 'relay-busy' | 'track-ended'>, { title: string; remedy: string; lasts: number }>> = {
  'upload-slow': {
    title: 'Your upload is too slow: the picture is lowered',
    remedy: 'It comes back by itself when there is room. If this stays, choose a lower quality under “Advanced”, or use a better connection',
    lasts: SHORT,
  },
  'connection-lost': {
    title: 'The connection to the relay is lost',
    remedy: 'Trying again, until you press Stop. Check your network, and whether the relay runs',
    lasts: Infinity,
  },
  'encoder-restarted': { title: 'The encoder has failed, and was started again', remedy: 'Nothing to do. If it happens again, choose another encoder under “Advanced”', lasts: SHORT },
  'encoder-fallback': { title: 'This browser can’t encode as it was chosen', remedy: 'Another encoder is used: “Advanced” shows which. Choose “Automatic” there to let the browser decide', lasts: SHORT },
  'no-sound': { title: 'This browser can’t encode the sound: viewers hear nothing', remedy: 'Choose the recorder as encoder under “Advanced”, or use another browser', lasts: Infinity },
  'encoder-slow': { title: 'This computer is too slow to encode every picture', remedy: 'Close other programs and tabs, or choose a lower quality under “Advanced”', lasts: SHORT },
};

/** A warning of the publisher in the studio's words, and how long it stands, ms; undefined for one that the studio tells by itself. */
export function broadcastWarning({ code, message }: PublisherWarning): { readonly warning: Warning; readonly lasts: number } | undefined {
  if (code === 'track-ended') return undefined;
  if (code === 'relay-busy') return { warning: { code, title: message, remedy: 'Trying again, until you press Stop' }, lasts: Infinity };
  const { title, remedy, lasts } = WORDS[code];
  return { warning: { code, title, remedy }, lasts };
}

/** Warnings that are over once the stream is on air again. */
export const OVER_WHEN_LIVE = ['connection-lost', 'relay-busy'] as const;

export const SILENT: Warning = {
  code: 'silent',
  title: 'Nothing is heard from the microphone',
  remedy: 'Speak, look whether it is muted by a switch of its own, or choose another microphone',
};
export const BLACK: Warning = { code: 'black', title: 'The picture is black', remedy: 'Open the lid of the camera, give it light, or choose another one' };
export const HIDDEN: Warning = {
  code: 'hidden',
  title: 'This page is in the background',
  remedy: 'The browser may slow it down, and viewers may see fewer pictures. Keep it in a window of its own that stays in sight',
};
