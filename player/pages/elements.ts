/**
 * The element of the page with this id.
 * @throws Error if the page has none, or of another type: page and script don't fit.
 */
export function find(id: string): HTMLElement;
export function find<Found extends HTMLElement>(id: string, type: new () => Found): Found;
export function find(id: string, type: new () => HTMLElement = HTMLElement): HTMLElement {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`The page has no ${type.name} "${id}"`);
  return element;
}

/** Sets a text, but leaves the same alone: a live region would read it again. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
