import { ANY_DEVICE, type Capture, type CaptureChoice, CaptureError, NO_DEVICE, openCapture } from '../../../player/studio/capture';
import type { MixedPicture, MixedPictureOptions } from '../../../player/studio/mixed-picture';
import type { Corner } from '../../../player/studio/picture-layout';
import { blackPicture } from '../../../player/studio/black-picture';
import { SoundDesk } from '../../../player/studio/sound-desk';
import { FakeDevices, FakeStream, FakeTrack } from '../../support/fake-devices';

jest.mock('../../../player/studio/black-picture');

const CAMERA: CaptureChoice = { source: 'camera', camera: ANY_DEVICE, microphone: ANY_DEVICE, height: 720, frameRate: 30, corner: 'top-left' };
const SCREEN: CaptureChoice = { ...CAMERA, source: 'screen' };

const BOTH: CaptureChoice = { ...CAMERA, source: 'both' };

const lost: string[] = [];
const mixed = { track: undefined as unknown as MediaStreamTrack, corner: 'top-left' as Corner, closed: false, close: () => void (mixed.closed = true) };

function mix({ corner }: MixedPictureOptions): MixedPicture {
  return Object.assign(mixed, { track: new FakeTrack('video', 'mixed'), corner, closed: false });
}

const sound = new SoundDesk();

async function open(devices: FakeDevices, choice: CaptureChoice = CAMERA): Promise<Capture> {
  return openCapture({ choice, sound, lost: (what) => lost.push(what), media: devices as unknown as MediaDevices, mix });
}

async function troubleOf(devices: FakeDevices, choice?: CaptureChoice): Promise<string> {
  const error = await open(devices, choice).catch((thrown: unknown) => thrown);
  if (!(error instanceof CaptureError)) throw new Error('No error, or another one', { cause: error });
  return error.trouble.title;
}

const kindsOf = ({ stream }: Capture): string[] => stream.getTracks().map(({ kind }) => kind);

beforeEach(() => {
  lost.length = 0;
  Object.assign(globalThis, { MediaStream: FakeStream });
  jest.mocked(blackPicture).mockImplementation(() => new FakeTrack('video', 'black') as unknown as MediaStreamTrack);
  jest.spyOn(sound, 'silence').mockImplementation(() => new FakeTrack('audio', 'silence') as unknown as MediaStreamTrack);
  jest.spyOn(sound, 'mix').mockImplementation((tracks) => tracks[0]);
});

describe('openCapture', () => {
  it('asks once for camera and microphone, in the size that was chosen', async () => {
    const devices = new FakeDevices();
    const capture = await open(devices);
    expect(kindsOf(capture)).toEqual(['video', 'audio']);
    expect(devices.asked).toEqual([{ video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } }, audio: true }]);
    expect(capture.devices).toEqual({ camera: 'some video', microphone: 'some audio' });
  });

  it('asks for the very devices that were chosen', async () => {
    const devices = new FakeDevices();
    await open(devices, { ...CAMERA, camera: 'front', microphone: 'headset' });
    expect(devices.asked).toMatchObject([{ video: { deviceId: { exact: 'front' } }, audio: { deviceId: { exact: 'headset' } } }]);
  });

  it('asks a phone for the camera of one side', async () => {
    const devices = new FakeDevices();
    await open(devices, { ...CAMERA, facing: 'environment' });
    expect(devices.asked).toMatchObject([{ video: { facingMode: { ideal: 'environment' } } }]);
  });

  it('goes without a microphone where there is none', async () => {
    expect(kindsOf(await open(new FakeDevices({ audio: 'NotFoundError' }, ['videoinput'])))).toEqual(['video']);
  });

  it('sends black where no camera is wanted', async () => {
    const devices = new FakeDevices();
    const capture = await open(devices, { ...CAMERA, camera: NO_DEVICE });
    expect(devices.asked).toEqual([{ audio: true }]);
    expect(kindsOf(capture)).toEqual(['video', 'audio']);
    expect(capture.devices).toEqual({ microphone: 'some audio' });
  });

  it('tells which of camera and microphone is in the way, and keeps neither', async () => {
    const devices = new FakeDevices({ audio: 'NotReadableError' });
    expect(await troubleOf(devices)).toMatch(/microphone.*in use/);
    expect(devices.given.map(({ readyState }) => readyState)).toEqual(['ended']);
    expect(await troubleOf(new FakeDevices({ video: 'NotReadableError' }))).toMatch(/camera.*in use/);
  });

  it('doesn’t ask again for what was refused', async () => {
    const devices = new FakeDevices({ video: 'NotAllowedError' });
    expect(await troubleOf(devices)).toMatch(/refused/);
    expect(devices.asked).toHaveLength(1);
  });

  it('shares a screen even without a microphone, unless one was chosen', async () => {
    expect(kindsOf(await open(new FakeDevices({ audio: 'NotAllowedError' }), SCREEN))).toEqual(['video']);
    const devices = new FakeDevices({ audio: 'OverconstrainedError' });
    expect(await troubleOf(devices, { ...SCREEN, microphone: 'headset' })).toMatch(/chosen microphone/);
    expect(devices.given.map(({ readyState }) => readyState)).toEqual(['ended']);
  });

  it('tells a screen that wasn’t chosen from a browser that has no screens', async () => {
    expect(await troubleOf(new FakeDevices({ screen: 'NotAllowedError' }), SCREEN)).toMatch(/No screen was shared/);
    expect(await troubleOf(new FakeDevices({ screen: 'TypeError' }), SCREEN)).toMatch(/can’t share a screen/);
  });
});

describe('a camera over a screen', () => {
  it('is one picture, whose corner can be moved', async () => {
    const capture = await open(new FakeDevices(), BOTH);
    expect(kindsOf(capture)).toEqual(['video', 'audio']);
    capture.corner = 'bottom-left';
    expect(mixed.corner).toBe('bottom-left');
    capture.close();
    expect(mixed.closed).toBe(true);
  });

  it('tells which of them is lost', async () => {
    const devices = new FakeDevices();
    const capture = await open(devices, BOTH);
    const [screen, camera] = devices.given;
    camera!.unplug();
    screen!.unplug();
    expect(lost).toEqual(['camera', 'screen']);
    expect(capture.hasPicture).toBe(false);
  });

  it('keeps no screen where the camera can’t be opened', async () => {
    const devices = new FakeDevices({ video: 'NotReadableError' });
    expect(await troubleOf(devices, BOTH)).toMatch(/camera.*in use/);
    expect(devices.given.map(({ readyState }) => readyState)).toEqual(['ended']);
  });
});

describe('Capture', () => {
  it('puts black and silence in the place of what is unplugged', async () => {
    const devices = new FakeDevices();
    const capture = await open(devices);
    const before = capture.stream;
    for (const track of devices.given) track.unplug();
    expect(lost).toEqual(['camera', 'microphone']);
    const after = capture.stream;
    expect(after).not.toBe(before);
    expect(capture.stream).toBe(after);
    expect(after.getTracks().map((track) => (track as unknown as FakeTrack).deviceId)).toEqual(['black', 'silence']);
  });

  it('lets go of everything, stand-ins included, and tells nothing of it', async () => {
    const devices = new FakeDevices();
    const capture = await open(devices);
    devices.given[0]!.unplug();
    const { stream } = capture;
    capture.close();
    expect(stream.getTracks().map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
    expect(lost).toEqual(['camera']);
  });

  it('blackens and silences its tracks without ending them', async () => {
    const devices = new FakeDevices();
    const capture = await open(devices);
    capture.pictureOn = false;
    capture.microphoneOn = false;
    expect(devices.given.map(({ enabled, readyState }) => [enabled, readyState])).toEqual([
      [false, 'live'],
      [false, 'live'],
    ]);
  });
});
