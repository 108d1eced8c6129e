import { z } from 'zod';
import type { RelayEvent } from '../protocol/api-event';
import { ERRORS, type ErrorCode } from '../protocol/error-code';
import type { RefusalInfo, RefusalList } from '../protocol/refusal-info';
import type { SourceInfo, SourceList } from '../protocol/source-info';
import type { StreamDetail } from '../protocol/stream-detail';
import type { StreamInfo, StreamList } from '../protocol/stream-info';
import type { ViewerInfo, ViewerList } from '../protocol/viewer-info';
import type { TrackInfo } from '../protocol/watch-message';

/** The schemas of what the API answers, by the names that its document has for them. */
const SCHEMAS = z.registry<{ id: string }>();

const name = z.string().describe('Name of the stream');
const wall = (what: string): z.ZodNumber => z.number().describe(`${what}, Unix time in ms`);
const seconds = (what: string): z.ZodNumber => z.number().describe(`${what}, seconds`);
const code = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]).describe('See docs/errors.md');
const transport = z.enum(['sluice.v1', 'websocket', 'progressive', 'hls']);

export const TRACK = z
  .strictObject({
    kind: z.enum(['video', 'audio']),
    codec: z.string().describe('RFC 6381'),
    width: z.number().exactOptional(),
    height: z.number().exactOptional(),
    frameRate: z.number().describe('Frames a second, where the publisher states it').exactOptional(),
    channels: z.number().exactOptional(),
    sampleRate: z.number().exactOptional(),
  })
  .register(SCHEMAS, { id: 'Track' }) satisfies z.ZodType<TrackInfo>;

const STREAM_INFO = z
  .strictObject({
    name,
    state: z.enum(['live', 'held']).describe('held: its publisher broke off, and may come back'),
    mime: z.string(),
    tracks: z.array(TRACK),
    bitrate: z.number().describe('Media received, bits a second, over the last seconds'),
    viewers: z.number(),
    since: wall('When it went live'),
  })
  .register(SCHEMAS, { id: 'Stream' }) satisfies z.ZodType<StreamInfo>;

export const STREAM_LIST = z.strictObject({ streams: z.array(STREAM_INFO) }).register(SCHEMAS, { id: 'StreamList' }) satisfies z.ZodType<StreamList>;

export const STREAM_DETAIL = STREAM_INFO.extend({
  publisher: z
    .strictObject({
      transport: z.enum(['websocket', 'http', 'source']),
      address: z.string().exactOptional(),
      since: wall('When it came'),
      lag: seconds('From capture to the relay').exactOptional(),
    })
    .describe('Absent while it is away')
    .exactOptional(),
  epoch: z.strictObject({
    id: z.string(),
    bytes: z.number().describe('Media received of it'),
    heldChunks: z.number(),
    heldBytes: z.number(),
  }),
  dropped: z
    .array(z.strictObject({ kind: z.enum(['video', 'audio']), codec: z.string().describe('As the container names it') }))
    .describe('Tracks that are not passed on, since another of their kind is')
    .exactOptional(),
  stopped: z
    .array(z.enum(['video', 'audio']))
    .describe('Tracks that have stopped while the other goes on; the relay puts silence, or the last picture, in their place, or leaves them out')
    .exactOptional(),
  gop: seconds('Time between the last two keyframes').exactOptional(),
  sinceKeyframe: seconds('Media since the newest keyframe').exactOptional(),
  presumedReorder: z
    .number()
    .describe('Frames that Chrome may hold back where it decodes the H.264 video in hardware, since that doesn’t state how many are reordered (bitstream_restriction)')
    .exactOptional(),
  viewerSummary: z.strictObject({
    byTransport: z.partialRecord(transport, z.number()),
    behind: z.number().describe('How many are sent nothing until they have caught up'),
    maxLag: seconds('The largest lag of any'),
    skips: z.number(),
    skippedBytes: z.number(),
  }),
  history: z.array(z.strictObject({ at: wall('The end of that second'), bitrate: z.number(), viewers: z.number() })).describe('The last two minutes, a second each'),
}).register(SCHEMAS, { id: 'StreamDetail' }) satisfies z.ZodType<StreamDetail>;

const VIEWER_INFO = z
  .strictObject({
    id: z.string(),
    transport,
    address: z.string(),
    since: wall('When it came'),
    state: z.enum(['open', 'waiting', 'behind', 'paused']),
    lag: seconds('Age of the oldest media on its way to it').exactOptional(),
    skips: z.number(),
    skippedBytes: z.number(),
    sentBytes: z.number().exactOptional(),
    latency: seconds('From capture to picture, as it says').exactOptional(),
    firstFrame: seconds('From opening the connection to the first picture, as it says').exactOptional(),
    buffer: seconds('Media that it holds ahead, as it says').exactOptional(),
    stalls: z.number().exactOptional(),
    dropped: z.number().exactOptional(),
  })
  .register(SCHEMAS, { id: 'Viewer' }) satisfies z.ZodType<ViewerInfo>;

export const VIEWER_LIST = z
  .strictObject({ total: z.number(), viewers: z.array(VIEWER_INFO).describe('The first thousand') })
  .register(SCHEMAS, { id: 'ViewerList' }) satisfies z.ZodType<ViewerList>;

const SOURCE_INFO = z
  .strictObject({
    name,
    state: z.enum(['running', 'restarting', 'stopped', 'failed']),
    input: z.string().describe('Of an address only scheme and host'),
    loop: z.boolean(),
    restarts: z.number(),
    message: z.string().exactOptional(),
  })
  .register(SCHEMAS, { id: 'Source' }) satisfies z.ZodType<SourceInfo>;

export const SOURCE_LIST = z.strictObject({ sources: z.array(SOURCE_INFO) }).register(SCHEMAS, { id: 'SourceList' }) satisfies z.ZodType<SourceList>;

const REFUSAL_INFO = z
  .strictObject({
    name: z.string().describe('As it was asked for'),
    address: z.string(),
    code,
    message: z.string(),
    remedy: z.string().describe('What to do about it'),
    count: z.number().describe('How often it was refused for this reason'),
    first: wall('The first time'),
    last: wall('The last time'),
  })
  .register(SCHEMAS, { id: 'Refusal' }) satisfies z.ZodType<RefusalInfo>;

export const REFUSAL_LIST = z
  .strictObject({ refusals: z.array(REFUSAL_INFO).describe('A hundred at most, the last one first') })
  .register(SCHEMAS, { id: 'RefusalList' }) satisfies z.ZodType<RefusalList>;

const event = { id: z.number(), at: wall('When it happened') };

export const RELAY_EVENT = z
  .discriminatedUnion('type', [
    z.strictObject({ ...event, type: z.literal('stream-live'), name, mime: z.string(), resumed: z.boolean() }),
    z.strictObject({ ...event, type: z.literal('stream-held'), name }),
    z.strictObject({ ...event, type: z.literal('stream-ended'), name, reason: z.enum(['ended', 'operator', 'restart']), since: wall('When it had gone live') }),
    z.strictObject({ ...event, type: z.literal('publisher-refused'), name: z.string(), address: z.string(), code, message: z.string(), count: z.number() }),
    z.strictObject({ ...event, type: z.literal('viewers-changed'), name, joined: z.number(), left: z.number(), viewers: z.number() }),
    z.strictObject({ ...event, type: z.literal('times-jumped'), name, seconds: seconds('By how much its times have jumped last; back if negative'), count: z.number() }),
    z.strictObject({ ...event, type: z.literal('keyframe-missing'), name, seconds: seconds('For how much media no keyframe has come') }),
    z.strictObject({ ...event, type: z.literal('tracks-stopped'), name, stopped: z.array(z.enum(['video', 'audio'])).describe('All that have stopped while the other goes on; none, once all go on') }),
    z.strictObject({ ...event, type: z.literal('viewer-too-slow'), name, count: z.number() }),
    z.strictObject({ ...event, type: z.literal('source-state'), source: SOURCE_INFO }),
    z.strictObject({ ...event, type: z.literal('stats'), streams: z.array(STREAM_INFO), viewers: z.number(), bytesInPerSecond: z.number(), bytesOutPerSecond: z.number() }),
  ])
  .register(SCHEMAS, { id: 'Event' }) satisfies z.ZodType<RelayEvent>;

export const API_ERROR = z
  .strictObject({ error: z.strictObject({ code, message: z.string(), remedy: z.string() }) })
  .register(SCHEMAS, { id: 'Error' });

/** Every schema, as OpenAPI 3.1 has it. */
export function openApiSchemas(): Record<string, object> {
  const { schemas } = z.toJSONSchema(SCHEMAS, { uri: refTo });
  for (const schema of Object.values(schemas)) {
    delete schema.$schema;
    delete schema.$id;
  }
  return schemas;
}

/** Where the document has the schema of that name. */
export function refTo(id: string): string {
  return `#/components/schemas/${id}`;
}
