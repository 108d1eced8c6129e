import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSign, type TlsCredentials } from '../../../src/http/tls-credentials';
import { TlsReload } from '../../../src/http/tls-reload';
import { eventually } from '../../support/eventually';
import { listLog, type LogLine } from '../../support/relay';

let folder: string;
let files: { cert: string; key: string };
let first: TlsCredentials;
let second: TlsCredentials;
let applied: TlsCredentials[];
let lines: LogLine[];
let reload: TlsReload;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-tls-reload-'));
  files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  [first, second] = [await selfSign([]), await selfSign([])];
  applied = [];
  lines = [];
  writeFileSync(files.cert, first.cert);
  writeFileSync(files.key, first.key);
  reload = new TlsReload({ apply: (credentials) => applied.push(credentials), files, current: first, log: listLog(lines), interval: 10 });
});

afterEach(() => {
  reload.stop();
  rmSync(folder, { recursive: true });
});

const failures = (): LogLine[] => lines.filter(({ level }) => level === 'error');

describe('a certificate that stays as it is', () => {
  it('is not taken into use again', async () => {
    await reload.look();
    expect({ applied, lines }).toEqual({ applied: [], lines: [] });
  });
});

describe('a certificate that is renewed before its files are looked at', () => {
  it('is taken into use, once', async () => {
    writeFileSync(files.cert, second.cert);
    writeFileSync(files.key, second.key);
    reload.start();
    await eventually('the pair is taken into use', () => applied.length > 0);
    await reload.look();
    expect(applied).toEqual([second]);
  });
});

describe('a certificate that is renewed while the relay runs', () => {
  beforeEach(() => reload.start());

  it('is taken into use when its key follows later than one look, and is complained of once meanwhile', async () => {
    writeFileSync(files.cert, second.cert);
    await eventually('the mismatch is logged', () => failures().length > 0);
    writeFileSync(files.key, second.key);
    await eventually('the pair is taken into use', () => applied.at(-1)?.key === second.key);
    expect(applied.at(-1)).toEqual(second);
    expect(failures()).toHaveLength(1);
  });

  it('is taken into use when its key comes first', async () => {
    writeFileSync(files.key, second.key);
    await eventually('the mismatch is logged', () => failures().length > 0);
    writeFileSync(files.cert, second.cert);
    await eventually('the pair is taken into use', () => applied.at(-1)?.cert === second.cert);
  });

  it('is taken into use when its file was away for a while', async () => {
    unlinkSync(files.cert);
    await eventually('that is logged', () => failures().length > 0);
    writeFileSync(files.key, second.key);
    writeFileSync(files.cert, second.cert);
    await eventually('the pair is taken into use', () => applied.at(-1)?.cert === second.cert);
  });

  it('is taken into use once, though both its files have changed', async () => {
    reload.stop();
    writeFileSync(files.cert, second.cert);
    writeFileSync(files.key, second.key);
    await reload.look();
    await reload.look();
    expect(applied).toEqual([second]);
  });
});
