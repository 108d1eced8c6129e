/** As the browser calls itself; empty where nothing does. */
function userAgent(): string {
  return (globalThis as { navigator?: { readonly userAgent?: string } }).navigator?.userAgent ?? '';
}

/** Whether this is Chromium, or built on it: what is done about its ways is of no use elsewhere, and no other sign tells of them. */
export function isChromium(): boolean {
  return /Chrome\/\d/.test(userAgent());
}

export function isFirefox(): boolean {
  return /\bFirefox\/\d/.test(userAgent());
}

/** Whether it runs on Android. */
export function isAndroid(): boolean {
  return userAgent().includes('Android');
}
