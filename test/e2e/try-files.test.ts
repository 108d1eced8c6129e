import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/programs.mjs';
import { FFMPEG, type Ended, H264_AAC, makeFile, start, testPicture } from '../support/ffmpeg';
import { needs } from '../support/needs';

interface Tried {
  readonly file: string;
  readonly door: string;
  readonly verdict: string;
  readonly why: string;
}

function tryFiles(...args: readonly string[]): Promise<Ended> {
  return start(process.execPath, [join(ROOT, 'try-files', 'try-files.mjs'), ...args], { ...process.env, FFMPEG_PATH: FFMPEG }).ended;
}

// It reads times and sizes of frames as newer versions give them.
needs('ffmpeg 4.2', () => {
  describe('npm run try:files', () => {
    it('compares what comes out of the relay by each door with the file', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-tried-'));
      copyFileSync(await makeFile('film.mp4', [...testPicture(1), ...H264_AAC, '-bf', '0']), join(folder, 'film.mp4'));
      copyFileSync(await makeFile('old.avi', [...testPicture(1), '-c:v', 'mpeg4', '-c:a', 'pcm_s16le']), join(folder, 'old one.avi'));
      const { status, stdout, stderr } = await tryFiles('--json', '--jobs', '2', folder);
      const tried = stdout.trim().split('\n').map((line) => JSON.parse(line) as Tried);
      const of = (name: string): string[] => tried.filter(({ file }) => file === name).map(({ door, verdict }) => `${door}: ${verdict}`);
      expect({ stderr, wrong: tried.filter(({ verdict }) => verdict === 'WRONG') }).toEqual({ stderr: '', wrong: [] });
      // ffmpeg itself makes room for the first packet of sound, which begins before 0.
      expect(of('film.mp4')).toEqual(['bytes: refused', expect.stringMatching(/^copy: (?:same|changed by ffmpeg)$/), 'push: same', 'source: same']);
      expect(of('old one.avi')).toEqual(['bytes: refused', expect.stringContaining('copy'), 'push: encoded', 'source: encoded']);
      expect(status).toBe(0);
    });

    it('explains itself if it is called in another way', async () => {
      expect(await tryFiles('--door', 'window', '.')).toMatchObject({ status: 2, stdout: expect.stringContaining('--door') as string });
    });
  });
});
