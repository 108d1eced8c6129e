import { WebmParser } from '../../../../src/media/webm/webm-parser';
import { containerParserContract } from '../../../support/container-parser-contract';
import { fixture, recording } from '../../../support/recording';

const RECORDED = ['webm-vp8-opus-kf1s', 'webm-vp9-opus-kf1s', 'webm-av1-opus', 'x-vp8-noaudio-ts100'];
const MADE = ['vp9-opus.webm', 'vp8-vorbis.webm', 'opus.webm', 'vp8-seekable.webm', 'subtitles.mkv', 'gst-webmmux.webm', 'mkvmerge.webm', 'mediabunny.webm'];

containerParserContract('WebmParser', (sink, limits) => new WebmParser(sink, limits), [
  ...RECORDED.map((name) => ({ name, bytes: recording(name) })),
  ...MADE.map((name) => ({ name, bytes: fixture(`webm/${name}`) })),
]);
