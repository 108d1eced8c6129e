import type { Page } from 'playwright-core';

/** How it went with one type of `MediaRecorder`. */
export interface RecorderResult {
  /** As `MediaRecorder` is asked for it. */
  readonly type: string;
  /** What a viewer in the same browser sees: `plays`, the state of its player with its words, or what the relay refuses. */
  readonly outcome: string;
}

const VIDEO = ['vp8', 'vp9', 'av01.0.04M.08', 'h264', 'avc1', 'avc3', 'hvc1.1.6.L93.B0', 'hev1.1.6.L93.B0'];
const AUDIO = ['opus', 'pcm', 'mp4a.40.2', 'flac', 'vorbis', 'mp3'];
/** Recorders that run at once. */
const AT_ONCE = 6;

/** All that a recorder may be asked for: containers with nothing, a codec of video, one of audio, or both. */
export const RECORDER_TYPES: readonly string[] = [
  ...['video/webm', 'video/mp4', 'video/x-matroska'].flatMap((container) => [
    container,
    ...VIDEO.map((video) => `${container};codecs=${video}`),
    ...VIDEO.flatMap((video) => AUDIO.map((audio) => `${container};codecs=${video},${audio}`)),
  ]),
  ...['audio/webm', 'audio/mp4', 'audio/ogg'].flatMap((container) => [container, ...AUDIO.map((audio) => `${container};codecs=${audio}`)]),
];

/** Publishes each type that the browser records, from a page of the relay that has the player and a microphone, and watches it there. */
export async function sweepRecorders(page: Page, patience: number): Promise<RecorderResult[]> {
  return page.evaluate(
    async ({ types, video, atOnce, patience: longest }) => {
      const supported = types.filter((type) => MediaRecorder.isTypeSupported(type));
      const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
      const results: { type: string; outcome: string }[] = [];
      const waiting = supported.map((type, index) => ({ type, name: `type-${index}` }));
      const worker = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results.push({ type: next.type, outcome: await record(next) });
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
      return results.sort((one, other) => supported.indexOf(one.type) - supported.indexOf(other.type));

      async function record({ type, name }: { type: string; name: string }): Promise<string> {
        const codecs = /codecs=(.*)/.exec(type)?.[1]?.split(',') ?? [];
        const hasVideo = type.startsWith('video/');
        const hasAudio = codecs.length === 0 || codecs.some((codec) => !video.includes(codec));
        const stop: (() => void)[] = [];
        const stream = new MediaStream([...(hasVideo ? picture(stop) : []), ...(hasAudio ? microphone.getAudioTracks().map((track) => track.clone()) : [])]);
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/publish/${name}`, 'sluice.v1');
        const viewer = document.createElement('sluice-video');
        stop.push(() => stream.getTracks().forEach((track) => track.stop()), () => socket.close(), () => viewer.remove());
        let refusal: string | undefined;
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(data as string) as { type: string; code?: string };
          if (message.type === 'error') refusal = `refused: ${message.code}`;
          if (message.type === 'ready') start();
        };
        function start(): void {
          try {
            // In MP4 a recorder gives a fragment a keyframe.
            const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 100_000, videoKeyFrameIntervalDuration: 500 } as MediaRecorderOptions);
            recorder.ondataavailable = ({ data }) => socket.readyState === WebSocket.OPEN && socket.send(data);
            recorder.onerror = (event) => (refusal = `recorder: ${(event).message || 'error'}`);
            recorder.start(100);
            stop.push(() => recorder.state !== 'inactive' && recorder.stop());
          } catch (error) {
            refusal = `recorder: ${(error as Error).message}`;
          }
          for (const [attribute, value] of Object.entries({ src: `/watch/${name}`, autoplay: '', muted: '', width: '64' })) viewer.setAttribute(attribute, value);
          document.body.append(viewer);
        }
        try {
          const deadline = performance.now() + longest;
          let begun: { time: number; frames: number } | undefined;
          for (;;) {
            await new Promise((resolve) => setTimeout(resolve, 100));
            if (refusal !== undefined) return refusal;
            if (viewer.state === 'unsupported' || viewer.state === 'failed') return `${viewer.state}: ${viewer.stateText}`;
            const inner = viewer.shadowRoot?.querySelector('video');
            if (inner && inner.currentTime > 0) {
              const frames = inner.getVideoPlaybackQuality().totalVideoFrames;
              begun ??= { time: inner.currentTime, frames };
              if (inner.currentTime > begun.time + 0.6 && (!hasVideo || frames > begun.frames + 2)) return 'plays';
            }
            if (performance.now() > deadline) return `${viewer.state} for ${longest} ms, at ${inner?.currentTime} s, ${viewer.mime}`;
          }
        } finally {
          for (const end of stop.reverse()) end();
        }
      }

      function picture(stop: (() => void)[]): MediaStreamTrack[] {
        const canvas = Object.assign(document.createElement('canvas'), { width: 96, height: 64 });
        const context = canvas.getContext('2d')!;
        let frame = 0;
        const drawing = setInterval(() => {
          context.fillStyle = `hsl(${(frame * 13) % 360} 90% 50%)`;
          context.fillRect(0, 0, 96, 64);
          context.fillStyle = '#fff';
          context.fillRect((frame++ * 5) % 96, 8, 12, 40);
        }, 66);
        stop.push(() => clearInterval(drawing));
        return canvas.captureStream(15).getVideoTracks();
      }
    },
    { types: RECORDER_TYPES, video: VIDEO, atOnce: AT_ONCE, patience },
  );
}
