/** The kinds of media that a playlist lists, by their files. */
const KINDS = { init: /\/init\d+\.mp4$/, segment: /\/\d+\.m4s$/, part: /\/p\d+\.m4s$/ };

/** A viewer over HLS that begins with one segment, and resolves addresses as players do: each against that of the playlist that it stands in. */
export class HlsViewer {
  /** Of its media playlist. */
  readonly address: URL;
  #list = '';

  private constructor(address: URL) {
    this.address = address;
  }

  /** Opens the multivariant playlist. @param index its address. */
  static async open(index: string): Promise<HlsViewer> {
    const asked = new URL(index);
    asked.searchParams.set('segments', '1');
    const response = await fetch(asked);
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return new HlsViewer(new URL(text.trim().split('\n').at(-1)!, index));
  }

  /** One that opens a media playlist without asking for the multivariant playlist first. */
  static at(address: string): HlsViewer {
    return new HlsViewer(new URL(address));
  }

  /** Asks for the media playlist, and remembers it if it is given. */
  async reload(query: Record<string, string> = {}): Promise<Response> {
    const url = new URL(this.address);
    url.searchParams.set('segments', '1');
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const response = await fetch(url);
    if (response.ok) this.#list = await response.clone().text();
    return response;
  }

  /** Waits for the next part: the request is held. */
  reloadLater(): Promise<Response> {
    const list = this.#list;
    const sequence = Number(/MEDIA-SEQUENCE:(\d+)/.exec(list)![1]) + list.match(/^#EXTINF/gm)!.length;
    const parts = list.slice(list.lastIndexOf('#EXTINF')).match(/#EXT-X-PART:/g)?.length ?? 0;
    return this.reload({ _HLS_msn: String(sequence), _HLS_part: String(parts) });
  }

  /** The addresses of all media of a kind that the newest playlist lists, the part that comes next at the end. */
  listed(kind: keyof typeof KINDS): string[] {
    const addresses = [...this.#list.matchAll(/^(?!#)(.+)$|URI="([^"]+)"/gm)].map(([, line, uri]) => line ?? uri ?? '');
    return addresses.filter((address) => KINDS[kind].test(address)).map((address) => new URL(address, this.address).href);
  }

  /** Fetches the first media of that kind. */
  fetch(kind: keyof typeof KINDS): Promise<Response> {
    return fetch(this.listed(kind)[0]!);
  }
}
