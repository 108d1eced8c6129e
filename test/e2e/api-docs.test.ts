import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { RELAY_EVENT } from '../../src/api/api-schemas';
import { keyRule } from '../support/access-rule';
import { liveStream } from '../support/streams';
import { needs } from '../support/needs';
import { start } from '../support/ffmpeg';
import { startRelay, type TestRelay } from '../support/relay';

const page = readFileSync(join(__dirname, '../../docs/api.md'), 'utf8');
const lines = [...page.matchAll(/^ {4}curl (.+)$/gm)].map(([, line]) => line!);

needs('curl', () => {
  describe('the lines of docs/api.md', () => {
    const access = keyRule({ operator: { admin: true } });
    const folder = mkdtempSync(join(tmpdir(), 'sluice-api-'));
    let relay: TestRelay;

    beforeAll(async () => {
      relay = await startRelay({ demo: true, accessRule: access.rule });
      await liveStream(relay.url, 'demo');
    });

    afterAll(async () => {
      await relay.close();
      access.remove();
      rmSync(folder, { recursive: true });
    });

    it('are there', () => {
      expect(lines.length).toBeGreaterThanOrEqual(8);
    });

    it.each(lines)('do what they should: curl %s', async (line) => {
      if (line.includes('snapshot')) await liveStream(relay.url, 'demo');
      const words = [...line.replace('http://127.0.0.1:8080', relay.url).replace('KEY', access.keys.operator).matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
      const { status, stdout, stderr } = await start('curl', ['--fail', '--silent', '--show-error', '--output-dir', folder, ...words]).ended;
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      if (line.includes('-o')) expect(readFileSync(join(folder, 'demo.jpg')).length).toBeGreaterThan(1_000);
      else if (!line.includes('DELETE')) expect(Object.keys(JSON.parse(stdout) as object)).not.toEqual([]);
    });
  });
});

describe('the examples of docs/api.md', () => {
  const blocks = (language: string): string[] => [...page.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text!);

  it('have an event as it is posted', () => {
    for (const block of blocks('json')) RELAY_EVENT.parse(JSON.parse(block));
  });

  it('check a signature', () => {
    const block = blocks('js').find((text) => text.includes('isOurs'))!;
    const isOurs = runInNewContext(`${block}\nisOurs`, { require: createRequire(__filename), Buffer }) as (body: string, signature: string | undefined, secret: string) => boolean;
    const signature = `sha256=${createHmac('sha256', 'secret').update('{}').digest('hex')}`;
    expect(isOurs('{}', signature, 'secret')).toBe(true);
    expect(isOurs('{} ', signature, 'secret')).toBe(false);
    expect(isOurs('{}', 'sha256=0', 'secret')).toBe(false);
    expect(isOurs('{}', undefined, 'secret')).toBe(false);
  });
});
