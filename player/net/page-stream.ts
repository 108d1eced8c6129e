/** The name of the stream that the page is about: the last part of its path, wherever a proxy has the relay. */
export function pageStream({ pathname }: Pick<Location, 'pathname'> = location): string {
  return decodeURIComponent(pathname.split('/').findLast((part) => part !== '') ?? '');
}
