import { type DeliveryDirectives, edgeOf, firstListed, type PlaylistEdge } from './delivery-directives';
import { mediaPlaylist } from './media-playlist';
import { measureBandwidth, multivariantPlaylist } from './multivariant-playlist';
import { PlaylistFile } from './playlist-file';
import type { TimelineState } from './timeline-state';

/** What a multivariant playlist is made of besides the timeline. */
export interface MultivariantRequest {
  /** Of the media playlist, without its query. */
  readonly address: string;
  readonly query: URLSearchParams;
  /** See `DeliveryDirectives`. */
  readonly segments: number;
}

/** The playlists of one state of a timeline, and of nothing else: the text of a media playlist is made once, for all who ask. */
export class Playlists {
  readonly state: TimelineState;
  readonly edge: PlaylistEdge;
  /** By how they are requested. There are no more of them than segments that are listed, twice. */
  readonly #files = new Map<string, PlaylistFile>();

  constructor(state: TimelineState) {
    this.state = state;
    this.edge = edgeOf(state);
  }

  /**
   * Media Sequence Number of the first listed segment with the codecs that the multivariant playlist states, where others come
   * before it: a player that was told of these alone could fail on the others.
   */
  get newcomersFrom(): number | undefined {
    const { init, listed, sequence } = this.state;
    if (init === undefined) return undefined;
    const families = codecFamilies(init.codecs);
    const other = listed.findLast((segment) => codecFamilies(segment.init.codecs) !== families);
    return other && Math.min(other.sequence + 1, sequence);
  }

  /** The media playlist, as it is asked for. */
  media({ skip, from }: DeliveryDirectives): PlaylistFile {
    const first = firstListed(from, this.edge);
    const kind = `${first}${skip ? '-delta' : ''}`;
    let file = this.#files.get(kind);
    if (file === undefined) this.#files.set(kind, (file = this.#mediaFile(kind, { first, skip })));
    return file;
  }

  /** The multivariant playlist; undefined before there is an init segment. */
  multivariant({ address, query }: MultivariantRequest): string | undefined {
    const { segments, init } = this.state;
    if (init === undefined) return undefined;
    const from = this.newcomersFrom;
    const asked = new URLSearchParams(query);
    if (from !== undefined) asked.set('from', String(from));
    const measured = segments.filter(({ sequence }) => sequence >= (from ?? 0));
    return multivariantPlaylist({ init, ...measureBandwidth(measured), address: asked.size === 0 ? address : `${address}?${asked.toString()}` });
  }

  #mediaFile(kind: string, { first, skip }: { first: number; skip: boolean }): PlaylistFile {
    const { id, revision, listed } = this.state;
    const playlist = { ...this.state, listed: listed.filter(({ sequence }) => sequence >= first) };
    return new PlaylistFile(mediaPlaylist(playlist, { skip }), `${id}-${revision}-${kind}`);
  }
}

/**
 * What a decoder is made for, of RFC 6381 codecs, as a text to compare: the same for all profiles and levels of a codec, which
 * players switch between. Of `mp4a` the object type belongs to it: `mp4a.40` is AAC, `mp4a.6B` is MP3.
 */
function codecFamilies(codecs: readonly string[]): string {
  return codecs.map((codec) => /^(?:mp4a\.\w+|[^.]+)/.exec(codec)?.[0] ?? codec).sort().join();
}
