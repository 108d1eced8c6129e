import type { Track } from '../../src/media/chunk';
import { MediaParser } from '../../src/media/media-parser';
import { joinBytes, parsePieces } from '../support/container-parser-contract';
import { acceptedMedia } from '../support/fixture-files';
import { needs } from '../support/needs';
import * as mp4 from '../support/mp4-boxes';
import { decodeErrors, opusMedia, streams } from '../support/sample-media';

/** How ffprobe calls what a codec string begins with. */
const NAMES: readonly (readonly [start: RegExp, name: string])[] = [
  [/^avc[13]\./, 'h264'],
  [/^(hvc1|hev1)\./, 'hevc'],
  [/^av01\./, 'av1'],
  [/^(vp9$|vp09\.)/, 'vp9'],
  [/^mp4a\.40\./, 'aac'],
  [/^mp4a\.6B$/, 'mp3'],
  [/^ac-3$/, 'ac3'],
  [/^ec-3$/, 'eac3'],
];

/** What ffprobe has to say of such a track. */
function asProbed({ kind, codec, width, height, channels, sampleRate }: Track): Record<string, unknown> {
  const codec_name = NAMES.find(([start]) => start.test(codec))?.[1] ?? codec;
  if (kind === 'video') return { codec_name, width, height };
  // Only its frames tell the channels of MP3.
  return { codec_name, sample_rate: `${sampleRate}`, ...(channels !== undefined && { channels }) };
}

/** A fraction, as ffprobe gives it. */
function fraction(text: string): number {
  const [over = 0, under = 1] = text.split('/').map(Number);
  return over / under;
}

needs('ffprobe', () => {
  describe.each(acceptedMedia())('$name', ({ bytes }) => {
    const { inits, chunks, error } = parsePieces((sink) => new MediaParser(sink), [bytes]);
    const tracks = inits[0]?.tracks ?? [];
    const output = joinBytes([...inits, ...chunks].map((part) => part.bytes));

    it('is what ffprobe says', async () => {
      const probed = await streams(output);
      expect(probed).toMatchObject(tracks.map(asProbed));
      tracks.forEach(({ frameRate }, i) => {
        if (frameRate !== undefined) expect(fraction(probed[i]?.r_frame_rate ?? '')).toBeCloseTo(frameRate, 2);
      });
    });

    it('decodes without a complaint behind the relay', async () => {
      expect(error).toBeUndefined();
      expect(await decodeErrors(output)).toBe('');
    });
  });

  describe('AAC', () => {
    const byte = (value: number): string => value.toString(16).padStart(2, '0');

    function init(config: string): Uint8Array {
      const size = config.length / 2;
      const decoder = `04 ${byte(15 + size)} 40 15 000000 00000000 00000000 05 ${byte(size)} ${config}`;
      const esds = mp4.fullBox('esds', 0, 0, mp4.hex(`03 ${byte(23 + size)} 0002 00 ${decoder} 06 01 02`));
      const entry = mp4.box('mp4a', mp4.hex('000000000000 0001 0000000000000000 0002 0010 00000000 bb80 0000'), esds);
      const trak = mp4.trak({ id: 1, handler: 'soun', entry, timescale: 48_000 });
      return joinBytes([mp4.FTYP, mp4.box('moov', mp4.mvhd(), trak, mp4.box('mvex', mp4.trex(1)))]);
    }

    it.each(['1190', '11b0', '119056e500', '2b118800', '2b920800', '139056e5a0', 'eb8a0800', '138856e5a54880'])('with the configuration %s is what ffprobe says', async (config) => {
      const { inits } = parsePieces((sink) => new MediaParser(sink), [init(config)]);
      expect(await streams(init(config))).toMatchObject(inits[0]!.tracks.map(asProbed));
    });
  });
});

describe('Opus that ffmpeg writes, a fragment a frame', () => {
  it('has no gap behind the relay, and nothing twice', async () => {
    const { init, fragments } = await opusMedia();
    const { inits, chunks } = parsePieces((sink) => new MediaParser(sink), [init, ...fragments]);
    const sound = inits[0]?.tracks.find(({ kind }) => kind === 'audio')?.id;
    const packets = chunks.flatMap(({ spans }) => spans).filter(({ trackId }) => trackId === sound);
    expect(packets.length).toBeGreaterThan(190);
    expect(packets.slice(1).filter(({ time }, i) => time !== packets[i]!.time + packets[i]!.duration)).toEqual([]);
  });
});
