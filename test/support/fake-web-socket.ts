import type { PublishEvent } from '../../src/protocol/publish-message';
import type { WatchEvent } from '../../src/protocol/watch-message';

/** A browser's WebSocket that a test plays the other end of. */
export class FakeWebSocket {
  readonly OPEN = 1;
  readonly url: string;
  readonly sent: unknown[] = [];
  binaryType = '';
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(url: string) {
    this.url = url;
  }

  send(data: string | Blob): void {
    this.sent.push(typeof data === 'string' ? JSON.parse(data) : data);
  }

  close(): void {
    this.readyState = 3;
  }

  /** The relay has let it in. */
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  /** The relay tells something. */
  tell(event: WatchEvent | PublishEvent): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }

  /** The relay sends media. */
  deliver(...bytes: readonly number[]): void {
    this.onmessage?.({ data: Uint8Array.from(bytes).buffer });
  }

  /** The connection is closed, by the relay or the network. */
  drop(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  /** What was sent of this type. */
  sentOf(type: string): unknown[] {
    return this.sent.filter((message) => (message as { type: string }).type === type);
  }
}
