import { missingPackages } from '../../../scripts/machine.mjs';

const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n';
const bare = { root: true, release: DEBIAN, apt: true, ffmpeg: false, chromium: false };

describe('the Debian packages that npm test installs', () => {
  it('are those that are missing', () => {
    expect(missingPackages(bare)).toEqual(['ffmpeg', 'chromium']);
    expect(missingPackages({ ...bare, ffmpeg: true })).toEqual(['chromium']);
    expect(missingPackages({ ...bare, ffmpeg: true, chromium: true })).toEqual([]);
  });

  it.each([
    ['Ubuntu', 'ID=ubuntu\nID_LIKE=debian\n', 2],
    ['what is like Ubuntu', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 2],
    ['Fedora', 'ID=fedora\n', 0],
    ['a system without a name', '', 0],
  ])('are installed only on Debian and what is like it: %s', (_system, release, count) => {
    expect(missingPackages({ ...bare, release })).toHaveLength(count);
  });

  it('are none for a user who may not install them, or without apt-get', () => {
    expect(missingPackages({ ...bare, root: false })).toEqual([]);
    expect(missingPackages({ ...bare, apt: false })).toEqual([]);
  });
});
