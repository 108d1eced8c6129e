/** Whether a video goes on, and has what to go on with: Chromium tells the time once more as it runs dry. */
export function isFed({ seeking, paused, readyState }: HTMLVideoElement): boolean {
  return !seeking && !paused && readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
}
