import type { EncoderChoice, VideoCodec } from '../publisher/publisher-options';
import { ANY_DEVICE } from './capture';
import { CORNERS, type Corner } from './picture-layout';
import { PRESETS, type Quality, within } from './quality';

/** Where a browser keeps them. */
const KEY = 'sluice.studio';

export const ENCODERS: readonly EncoderChoice[] = ['auto', 'webcodecs', 'mediarecorder'];
export const CODECS: readonly VideoCodec[] = ['auto', 'h264', 'vp9', 'av1', 'vp8'];

/** What the user has chosen, which the next visit begins with. */
export interface StudioSettings {
  /** A device's id, `ANY_DEVICE` or `NO_DEVICE`. */
  readonly camera: string;
  readonly microphone: string;
  /** A preset's id, or `CUSTOM`. */
  readonly quality: string;
  readonly custom: Quality;
  readonly encoder: EncoderChoice;
  readonly codec: VideoCodec;
  /** Where the camera lies over the screen. */
  readonly corner: Corner;
}

const { height, frameRate, bitrate } = PRESETS[0];

export const DEFAULT_SETTINGS: StudioSettings = {
  camera: ANY_DEVICE,
  microphone: ANY_DEVICE,
  quality: PRESETS[0].id,
  custom: { height, frameRate, bitrate },
  encoder: 'auto',
  codec: 'auto',
  corner: 'bottom-right',
};

/** Keeps what the user chose in this browser, or for as long as the page lives where the browser keeps nothing. */
export class SettingsStore {
  readonly #storage: () => Pick<Storage, 'getItem' | 'setItem'>;

  /** @param storage gives the browser's storage, or throws where that is refused. */
  constructor(storage: () => Pick<Storage, 'getItem' | 'setItem'> = () => localStorage) {
    this.#storage = storage;
  }

  load(): StudioSettings {
    try {
      return readSettings(JSON.parse(this.#storage().getItem(KEY) ?? '{}'));
    } catch {
      // No storage, or something else's text in it: begin as on a first visit.
      return DEFAULT_SETTINGS;
    }
  }

  save(settings: StudioSettings): void {
    try {
      this.#storage().setItem(KEY, JSON.stringify(settings));
    } catch {
      // Refused or full: the choice lasts until the page is closed.
    }
  }
}

/** What can be used of what was kept, perhaps by another version. */
function readSettings(kept: unknown): StudioSettings {
  const fields: Partial<Record<keyof StudioSettings, unknown>> = typeof kept === 'object' && kept !== null ? kept : {};
  const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
  const oneOf = <Value>(all: readonly Value[], value: unknown, otherwise: Value): Value => all.find((one) => one === value) ?? otherwise;
  return {
    camera: text(fields.camera, DEFAULT_SETTINGS.camera),
    microphone: text(fields.microphone, DEFAULT_SETTINGS.microphone),
    quality: text(fields.quality, DEFAULT_SETTINGS.quality),
    custom: within(fields.custom ?? {}, DEFAULT_SETTINGS.custom),
    encoder: oneOf(ENCODERS, fields.encoder, DEFAULT_SETTINGS.encoder),
    codec: oneOf(CODECS, fields.codec, DEFAULT_SETTINGS.codec),
    corner: oneOf(CORNERS, fields.corner, DEFAULT_SETTINGS.corner),
  };
}
