import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { start } from '../support/ffmpeg';

describe('on a server, where there are neither pages nor workers,', () => {
  it.each(['sluice-video', 'sluice-publisher', 'sluice-studio'])('importing %s does nothing', async (name) => {
    const address = pathToFileURL(join(__dirname, `../../dist/player/${name}.js`)).href;
    const { status, stdout } = await start(process.execPath, ['--input-type=module', '-e', `await import('${address}'); console.log('imported')`]).ended;
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'imported\n' });
  });
});
