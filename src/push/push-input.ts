import { statSync } from 'node:fs';
import { redact } from '../base/redact';
import type { PictureWishes } from '../ffmpeg/media-plan';
import { fileOrAddress, PROTOCOL_LIST, type SourceInput } from '../ffmpeg/source-input';
import { PushError } from './push-error';

/** A file, an address, a device, or standard input. */
export interface PushInput extends SourceInput {
  readonly kind: 'file' | 'address' | 'device' | 'stdin';
}

/** What reading an input depends on. */
interface InputSurroundings {
  readonly platform: NodeJS.Platform;
  /** `DISPLAY`, the screen of X11. */
  readonly display?: string;
  /** What a device may be asked for. */
  readonly picture?: PictureWishes;
}

type Device = Pick<PushInput, 'address' | 'device'>;

const DEVICE = /^(v4l2|alsa|pulse|avfoundation|dshow|screen|test):(.*)$/s;
/** Both streams by one graph. */
const TEST_PICTURE = 'testsrc2=size=640x360:rate=30[out0];sine=frequency=440:sample_rate=48000[out1]';

/**
 * Reads INPUT: `-`, a device such as `v4l2:/dev/video0`, a file, or an address of a protocol that brings media.
 * @throws PushError `usage` if it is none of these, `input` if a file isn't there.
 */
export function readPushInput(text: string, surroundings: InputSurroundings): PushInput {
  if (text === '-') return { kind: 'stdin', address: 'pipe:0', label: 'standard input', protocol: undefined };
  const [, system, what] = DEVICE.exec(text) ?? [];
  if (system !== undefined && what !== undefined) return { kind: 'device', label: text, protocol: undefined, ...readDevice(system, what, surroundings) };
  const input = fileOrAddress(text);
  if (input === undefined) throw wrong(redact(text), `it must be -, a file, a device (v4l2:, alsa:, pulse:, avfoundation:, dshow:, screen:, test:), or an address of ${PROTOCOL_LIST}`);
  if (input.protocol !== undefined) return { kind: 'address', ...input };
  checkFile(input);
  return { kind: 'file', ...input };
}

function readDevice(system: string, what: string, { platform, display, picture = {} }: InputSurroundings): Device {
  const { size, fps } = picture;
  const rate = ['-framerate', String(fps ?? 30)];
  switch (system) {
    case 'v4l2':
      if (!what.startsWith('/dev/')) throw wrong(`v4l2:${what}`, 'it must be v4l2: and the path of a device, such as v4l2:/dev/video0');
      return { address: what, device: ['-f', 'v4l2', ...(fps === undefined ? [] : rate), ...(size ? ['-video_size', `${size.width}x${size.height}`] : [])] };
    case 'alsa':
    case 'pulse':
      return { address: what === '' ? 'default' : what, device: ['-f', system] };
    case 'avfoundation':
      return { address: what, device: ['-f', 'avfoundation', ...rate] };
    case 'dshow':
      return { address: what, device: ['-f', 'dshow', '-rtbufsize', '64M'] };
    case 'screen':
      return readScreen(what, { platform, display, rate });
    default:
      return { address: TEST_PICTURE, device: ['-re', '-f', 'lavfi'] };
  }
}

function readScreen(what: string, { platform, display, rate }: { platform: NodeJS.Platform; display: string | undefined; rate: readonly string[] }): Device {
  if (platform === 'darwin') return { address: `Capture screen ${what === '' ? '0' : what}:none`, device: ['-f', 'avfoundation', ...rate] };
  if (platform === 'win32') return { address: what === '' ? 'desktop' : what, device: ['-f', 'gdigrab', ...rate] };
  const screen = what === '' ? (display ?? '') : what;
  if (!/^[\w.-]*:\d+/.test(screen)) throw wrong(`screen:${what}`, 'it must be screen: and a display of X11, such as screen::0.0, or DISPLAY must name one');
  return { address: screen, device: ['-f', 'x11grab', ...rate] };
}

/** What ffmpeg says of these is less clear. */
function checkFile({ address, label }: SourceInput): void {
  const file = statSync(address, { throwIfNoEntry: false });
  if (file === undefined) throw new PushError('input', `Cannot read "${label}": there is no such file`);
  if (file.isDirectory()) throw new PushError('input', `Cannot read "${label}": it is a folder; name a file in it`);
  if (file.isFile() && file.size === 0) throw new PushError('input', `Cannot read "${label}": the file is empty`);
}

function wrong(text: string, why: string): PushError {
  return new PushError('usage', `Cannot use INPUT "${text.slice(0, 200)}": ${why}`);
}
