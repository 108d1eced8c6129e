import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mediaPlaylist } from '../../../src/hls/media-playlist';
import { measureBandwidth, multivariantPlaylist } from '../../../src/hls/multivariant-playlist';
import { frames, mediaInit, TestPackager } from '../../support/hls-media';

/** What a playlist is to be, by name; written anew if `GOLDEN=write`. */
function golden(name: string, text: string): string {
  const path = join(__dirname, 'golden', `${name}.m3u8`);
  if (process.env['GOLDEN'] === 'write') writeFileSync(path, text);
  return readFileSync(path, 'utf8');
}

function playlistOf({ packager }: TestPackager, options: { window?: number; skip?: boolean } = {}): string {
  const { window = 12, skip = false } = options;
  return mediaPlaylist({ ...packager.state, window }, { skip });
}

describe('a media playlist', () => {
  it.each([
    ['begins', () => playlistOf(new TestPackager().add(...frames({ to: 2.5 })))],
    ['goes-on', () => playlistOf(new TestPackager().add(...frames({ to: 15 })))],
    ['without-keyframes', () => playlistOf(new TestPackager().add(...frames({ to: 9, gop: 1000 })))],
    ['ended', () => {
      const test = new TestPackager().add(...frames({ to: 3.1 }));
      test.packager.end();
      return playlistOf(test);
    }],
    ['new-epoch', () => {
      const test = new TestPackager().add(...frames({ to: 2.5 }));
      test.packager.begin(mediaInit(2));
      return playlistOf(test.add(...frames({ from: 50, to: 52.5 })));
    }],
    ['long', () => playlistOf(new TestPackager({ listed: 32, held: 68 }).add(...frames({ to: 41 })), { window: 32 })],
    ['delta', () => playlistOf(new TestPackager({ listed: 32, held: 68 }).add(...frames({ to: 41 })), { window: 32, skip: true })],
  ])('%s', (name, make) => {
    const text = make();
    expect(text).toBe(golden(name, text));
  });

  it('is no delta update where none is offered', () => {
    const test = new TestPackager().add(...frames({ to: 41 }));
    expect(playlistOf(test, { skip: true })).toBe(playlistOf(test));
  });

  it('counts the discontinuities that have left it', () => {
    const test = new TestPackager().add(...frames({ to: 2.5 }));
    test.packager.begin(mediaInit(2));
    test.add(...frames({ from: 50, to: 60.1 }));
    expect(playlistOf(test)).not.toContain('EXT-X-DISCONTINUITY-SEQUENCE');
    test.add(...frames({ from: 60.1, to: 62.1 }).map((frame) => ({ ...frame, joinable: Math.abs((frame.start % 1) - 0) < 0.001 })));
    test.add(...frames({ from: 62.1, to: 80 }));
    expect(playlistOf(test)).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:1\n');
  });
});

describe('a multivariant playlist', () => {
  it('tells codecs, size, frame rate and what was measured', () => {
    const { packager } = new TestPackager().add(...frames({ to: 7 }));
    const text = multivariantPlaylist({ init: mediaInit(), ...measureBandwidth(packager.state.segments), address: 'media.m3u8?session=s' });
    expect(text).toBe(golden('multivariant', text));
  });
});
