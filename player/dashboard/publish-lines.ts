/** Names of the machine that a page itself runs on. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Where to publish to, as seen from a page of the relay. */
export interface PublishPlace {
  /** Host, port and path, with a slash at the end, to publish to: the relay takes publishers from its own machine only. */
  readonly host: string;
  /** Whether the page was opened there, as far as its address tells. */
  readonly here: boolean;
}

/** Where to publish to, from the page's address. */
export function publishPlace({ host, hostname, port, pathname }: { host: string; hostname: string; port: string; pathname: string }): PublishPlace {
  if (LOOPBACK.test(hostname)) return { host: host + pathname, here: true };
  return { host: `${port === '' ? '127.0.0.1' : `127.0.0.1:${port}`}${pathname}`, here: false };
}

/** The command that pushes a file as it is. */
export function pushLine(host: string, name: string): string {
  return `ffmpeg -re -i FILE -c copy -movflags +frag_every_frame+empty_moov+default_base_moof ${output('mp4', host, name)}`;
}

/** The command that pushes any file, encoded for browsers and for little delay. */
export function encodeLine(host: string, name: string): string {
  const video = '-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -g 30';
  return `ffmpeg -re -i FILE ${video} -c:a aac -movflags +frag_every_frame+empty_moov+default_base_moof ${output('mp4', host, name)}`;
}

/** With -send_expect_100 ffmpeg prints why the name or the key is refused, and why the media was, when the line is run again. */
function output(format: string, host: string, name: string): string {
  return `-f ${format} -send_expect_100 1 http://${host}publish/${name}`;
}
