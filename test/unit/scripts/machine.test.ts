import { missingPackages } from '../../../scripts/machine.mjs';

const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n';
const bare = { root: true, release: DEBIAN, apt: true, ffmpeg: false, chromium: false, firefox: false };

describe('the Debian packages that npm test installs', () => {
  it('are those that are missing', () => {
    expect(missingPackages(bare)).toEqual(['ffmpeg', 'chromium', 'firefox-esr']);
    expect(missingPackages({ ...bare, ffmpeg: true })).toEqual(['chromium', 'firefox-esr']);
    expect(missingPackages({ ...bare, firefox: true })).toEqual(['ffmpeg', 'chromium']);
    expect(missingPackages({ ...bare, ffmpeg: true, chromium: true, firefox: true })).toEqual([]);
  });

  it.each([
    ['Ubuntu', 'ID=ubuntu\nID_LIKE=debian\n', 2],
    ['what is like Ubuntu', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 2],
    ['Fedora', 'ID=fedora\n', 0],
    ['a system without a name', '', 0],
  ])('are installed only on Debian and what is like it: %s', (_system, release, count) => {
    expect(missingPackages({ ...bare, release })).toHaveLength(count);
  });

  it('have no Firefox on Ubuntu, whose own is a snap', () => {
    expect(missingPackages({ ...bare, release: 'ID=ubuntu\nID_LIKE=debian\n' })).toEqual(['ffmpeg', 'chromium']);
  });

  it('are none for a user who may not install them, or without apt-get', () => {
    expect(missingPackages({ ...bare, root: false })).toEqual([]);
    expect(missingPackages({ ...bare, apt: false })).toEqual([]);
  });
});
