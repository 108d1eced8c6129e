import type { InitSegment } from '../chunk';
import type { BridgeWriter } from './bridge';
import { Mp4BridgeWriter } from './mp4-bridge-writer';
import { WebmBridgeWriter } from './webm-bridge-writer';

/** For the tracks of an init segment. */
export function bridgeWriter(segment: InitSegment): BridgeWriter {
  return segment.container === 'webm' ? new WebmBridgeWriter(segment) : new Mp4BridgeWriter(segment);
}
