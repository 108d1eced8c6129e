import { MediaParser } from '../../../../src/media/media-parser';
import { containerParserContract } from '../../../support/container-parser-contract';
import { fixture, recording } from '../../../support/recording';

// By `MediaParser`, since what comes out is MP4.
containerParserContract('The remux of Matroska', (sink, limits) => new MediaParser(sink, limits), [
  { name: 'webm-h264-opus', bytes: recording('webm-h264-opus') },
  { name: 'h264-aac.mkv', bytes: fixture('webm/h264-aac.mkv') },
  { name: 'h264-opus.mkv', bytes: fixture('webm/h264-opus.mkv') },
]);
