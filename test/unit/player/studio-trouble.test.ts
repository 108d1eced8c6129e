import { captureTrouble, encoderTrouble, insecureTrouble, lostTrouble, refusalTrouble, replacedTrouble, type Wanted } from '../../../player/studio/trouble';
import { ERRORS, type ErrorCode } from '../../../src/protocol/error-code';

const refused = (name: string, message = ''): Error => new DOMException(message, name);
const ADDRESS = { name: 'cam', port: '8080', pathname: '/publish/cam' };

describe('captureTrouble', () => {
  it.each<[string, Wanted, RegExp, RegExp]>([
    ['NotAllowedError', 'camera', /Permission for the camera was refused/, /Allow camera and microphone/],
    ['NotAllowedError', 'screen', /No screen was shared/, /choose a screen/],
    ['NotFoundError', 'camera', /No camera was found/, /Plug one in.*No camera/],
    ['NotFoundError', 'microphone', /No microphone was found/, /No microphone/],
    ['NotFoundError', 'screen', /can’t share a screen/, /computer/],
    ['NotReadableError', 'camera', /camera.*in use/, /Close other programs/],
    ['NotReadableError', 'screen', /screen can’t be captured/, /settings of your system/],
    ['OverconstrainedError', 'microphone', /chosen microphone is no longer there/, /choose another/],
    ['SecurityError', 'camera', /doesn’t allow the camera/, /another browser/],
  ])('tells %s of the %s, and what to do', (name, wanted, title, remedy) => {
    const trouble = captureTrouble(refused(name), wanted);
    expect(trouble.title).toMatch(title);
    expect(trouble.remedy).toMatch(remedy);
  });

  it('tells a refusal by the system from one by the visitor', () => {
    expect(captureTrouble(refused('NotAllowedError', 'Permission denied by system'), 'camera').remedy).toMatch(/privacy settings of your system/);
  });

  it('repeats what the browser says of anything else', () => {
    expect(captureTrouble(new Error('It rains'), 'camera').remedy).toContain('It rains');
  });
});

describe('refusalTrouble', () => {
  it('offers another name in place of one in use, no longer than a name may be', () => {
    expect(refusalTrouble({ code: 'name-in-use', message: '' }, ADDRESS)).toMatchObject({ title: expect.stringContaining('“cam” is in use'), link: { href: '/publish/cam-2' } });
    const long = refusalTrouble({ code: 'name-in-use', message: '' }, { name: 'a'.repeat(64), port: '', pathname: `/publish/${'a'.repeat(64)}` });
    expect(refusalTrouble({ code: 'name-in-use', message: '' }, { ...ADDRESS, pathname: '/live/publish/cam' }).link?.href).toBe('/live/publish/cam-2');
    expect(long.link?.href).toBe(`/publish/${'a'.repeat(62)}-2`);
  });

  it('names the address from which publishing is allowed', () => {
    expect(refusalTrouble({ code: 'publish-not-allowed', message: '' }, ADDRESS).link?.href).toBe('http://localhost:8080/publish/cam');
  });

  it.each(['not-authenticated', 'grant-expired', 'not-allowed'] as const)('says of %s how to bring a key', (code) => {
    expect(refusalTrouble({ code, message: 'Cannot' }, ADDRESS).remedy).toMatch(/link with a key.*[?]token=KEY/);
  });

  it('has a remedy for every code', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) expect(refusalTrouble({ code, message: 'Something' }, ADDRESS).remedy).not.toBe('');
  });

  it('repeats the message of a code that it doesn’t know', () => {
    expect(refusalTrouble({ code: 'from-the-future' as ErrorCode, message: 'Cannot do this' }, ADDRESS).title).toBe('Cannot do this');
  });
});

it('says that a page without https gets no camera, and where there is one', () => {
  const trouble = insecureTrouble({ host: '192.168.1.5:8080', port: '8080', pathname: '/publish/cam' });
  expect(trouble.title).toMatch(/no camera/);
  expect(trouble.remedy).toMatch(/https.*192\.168\.1\.5:8080/);
  expect(trouble.link?.href).toBe('http://localhost:8080/publish/cam');
});

it('says what viewers see when something is lost on air, and nothing of them off air', () => {
  expect(lostTrouble('camera', true).remedy).toMatch(/Viewers see black/);
  expect(lostTrouble('microphone', true).remedy).toMatch(/Viewers hear nothing/);
  expect(lostTrouble('screen', true).title).toMatch(/no longer shared/);
  expect(lostTrouble('camera', false).remedy).not.toMatch(/Viewers/);
});

it('says which device has taken the place of a lost one', () => {
  expect(replacedTrouble('camera', 'Webcam 2').title).toBe('The camera is gone: going on with “Webcam 2”');
  expect(replacedTrouble('microphone', '').title).toBe('The microphone is gone: going on with another one');
});

it('says what can be done about an encoder that isn’t there, or has failed', () => {
  expect(encoderTrouble('unsupported-encoder', 'No AV1')).toEqual({ title: expect.stringContaining('can’t encode as it was chosen'), remedy: expect.stringMatching(/another encoder or codec.*No AV1/) });
  expect(encoderTrouble('encoder-failed', '').title).toMatch(/failed again and again/);
  expect(encoderTrouble('no-tracks', '').remedy).toMatch(/Start the camera/);
});
