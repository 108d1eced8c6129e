import type { StreamInfo, StreamList } from '../../src/protocol/stream-info';
import { eventually } from './eventually';

/** What the API tells of one stream, if it is there. */
export async function streamInfo(url: string, name: string): Promise<StreamInfo | undefined> {
  const { streams } = (await (await fetch(`${url}/api/streams`)).json()) as StreamList;
  return streams.find((stream) => stream.name === name);
}

/** Resolves once the stream is live. */
export function liveStream(url: string, name: string): Promise<StreamInfo> {
  const look = async (): Promise<StreamInfo | false> => {
    const info = await streamInfo(url, name);
    return info?.state === 'live' && info;
  };
  return eventually(`"${name}" is live`, look);
}

/** Resolves once nothing is left of the stream. */
export async function goneStream(url: string, name: string): Promise<void> {
  await eventually(`"${name}" is gone`, async () => (await streamInfo(url, name)) === undefined);
}
