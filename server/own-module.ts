/**
 * Where a module of ours is, seen from the one whose `import.meta.url` is given; `path` has no
 * ending. Source files run as they are; built ones have another ending.
 */
export function ownModule(importerUrl: string, path: string): URL {
  const ending = importerUrl.endsWith(".ts") ? "ts" : "js";
  return new URL(`${path}.${ending}`, importerUrl);
}
