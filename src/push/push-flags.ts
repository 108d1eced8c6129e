import { Option } from 'commander';
import type { AudioWish, MediaWishes, VideoWish } from '../ffmpeg/media-plan';
import { PushError } from './push-error';

/** What the flags of both commands give. */
export interface MediaFlags {
  readonly video: VideoWish;
  readonly audio: AudioWish;
  readonly bitrate?: number;
  readonly size?: { readonly width: number; readonly height: number };
  readonly fps?: number;
  readonly gop?: number;
  readonly loop?: boolean;
  readonly live?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

export interface PushFlags extends MediaFlags {
  readonly start?: number;
  readonly token?: string;
  readonly retry: number;
}

/** The flags that say what becomes of an input. */
export function mediaFlags(): Option[] {
  return [
    choice('--video <CODEC>', 'The picture: copy, h264, vp9 or none; auto copies what browsers play, and encodes the rest as H.264', ['auto', 'copy', 'h264', 'vp9', 'none']).default('auto'),
    choice('--audio <CODEC>', 'The sound: copy, aac, opus or none; auto copies what browsers play, and encodes the rest as AAC', ['auto', 'copy', 'aac', 'opus', 'none']).default('auto'),
    reading('--bitrate <RATE>', 'Bits a second of the picture, such as 800k or 2.5M; it is encoded', readRate),
    reading('--size <WxH>', 'What the picture has to fit in, such as 1280x720; it is encoded', readSize),
    reading('--fps <NUMBER>', 'Frames a second; it is encoded', number('--fps', 1, 240)),
    reading('--gop <SECONDS>', 'Time between two keyframes, at which viewers can begin; it is encoded, with 1 s unless this says otherwise', number('--gop', 0.1, 60)),
    new Option('--loop', 'Begin a file again when it is over'),
    new Option('--live', 'Treat the input as live: drop what is too late, instead of waiting; so is by itself a device, and an address without a known length'),
    new Option('--no-live', 'Let a live input wait').default(undefined),
    reading('--timeout <SECONDS>', 'How long the input may give nothing', number('--timeout', 1, 86_400)).default(20),
  ];
}

/** The flags that only `sluice push` has. */
export function pushFlags(): Option[] {
  return [
    reading('--start <TIME>', 'Where to begin: seconds, or 1:02:03', readTime),
    new Option('--token <TOKEN>', 'Key or token; better given by the environment, where no other user sees it').env('SLUICE_TOKEN'),
    reading('--retry <SECONDS>', 'How long to try to reach the relay again when it is lost; 0 gives up at once', number('--retry', 0, 31_536_000)).default(300),
    new Option('--json', 'Print a line of JSON for all that happens, and for each second, to standard output'),
  ];
}

/** @throws PushError `usage` if they contradict each other. */
export function toWishes({ video, audio, bitrate, size, fps, gop, loop = false }: MediaFlags): MediaWishes {
  const picture = { ...(bitrate !== undefined && { bitrate }), ...(size !== undefined && { size }), ...(fps !== undefined && { fps }), ...(gop !== undefined && { gop }) };
  const [asked] = Object.keys(picture);
  if (asked !== undefined && (video === 'copy' || video === 'none')) {
    throw new PushError('usage', `Cannot use --${asked} with --video ${video}: only a picture that is encoded can be changed`);
  }
  return { video, audio, loop, modern: true, ...(asked !== undefined && { picture }) };
}

function reading(flags: string, description: string, read: (text: string) => unknown): Option {
  return new Option(flags, description).argParser(read);
}

function choice(flags: string, description: string, values: readonly string[]): Option {
  const flag = flags.split(' ', 1).join('');
  return reading(flags, description, (text) => {
    if (!values.includes(text)) throw wrong(flag, text, `one of ${values.join(', ')}`);
    return text;
  });
}

function number(flag: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || value < min || value > max) throw wrong(flag, text, `a number from ${min} to ${max}`);
    return value;
  };
}

function readRate(text: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text) ?? [];
  const value = Number(count) * (unit === 'M' ? 1_000_000 : unit === 'k' ? 1_000 : 1);
  if (count === undefined || value < 10_000 || value > 1_000_000_000) throw wrong('--bitrate', text, 'bits a second from 10k to 1000M, such as 800k or 2.5M');
  return Math.round(value);
}

function readSize(text: string): { width: number; height: number } {
  const [, width, height] = /^(\d{2,5})x(\d{2,5})$/.exec(text) ?? [];
  const size = { width: Number(width), height: Number(height) };
  if (width === undefined || Math.min(size.width, size.height) < 16 || Math.max(size.width, size.height) > 16_384) throw wrong('--size', text, 'width and height from 16 to 16384, such as 1280x720');
  return size;
}

function readTime(text: string): number {
  const [, hours = '0', minutes = '0', seconds] = /^(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,7}(?:\.\d+)?)$/.exec(text) ?? [];
  if (seconds === undefined) throw wrong('--start', text, 'seconds, minutes and seconds, or hours, minutes and seconds, such as 90, 1:30 or 1:02:03');
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}

function wrong(flag: string, text: string, allowed: string): PushError {
  return new PushError('usage', `Cannot use ${flag} ${text.slice(0, 100)}: it must be ${allowed}`);
}
