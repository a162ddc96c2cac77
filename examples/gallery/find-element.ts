/** The element with this id, of this kind; a page without it is a mistake of ours. */
export function findElement<Kind extends HTMLElement>(
  id: string,
  kind: new (...args: never[]) => Kind,
): Kind {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new TypeError(`the page has no ${kind.name} with the id "${id}"`);
}
