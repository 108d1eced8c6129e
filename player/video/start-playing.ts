/** Plays a video; without sound, where the browser gives sound only to who has clicked. Calls `refused` if it doesn't play even so. */
export async function startPlaying(video: HTMLVideoElement, refused: () => void): Promise<void> {
  try {
    await video.play();
  } catch (error) {
    if ((error as DOMException).name !== 'NotAllowedError') return;
    video.muted = true;
    await video.play().catch(refused);
  }
}
