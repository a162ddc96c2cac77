import { type ChangeTree, OPERATION } from "@colyseus/schema";
import { type MapInternals, mapInternals } from "./state-internals.ts";

/** What the open tick did to a map; done in this order it gives the order of its keys too. */
export interface MapSteps {
  readonly removed: readonly number[];
  /** Keys that stay where they are. */
  readonly set: readonly (readonly [index: number, key: string])[];
  /** Keys that come last, in this order, wherever they may have been. */
  readonly appended: readonly (readonly [index: number, key: string])[];
}

/**
 * What the open tick did to a map whose next free index was `nextBefore`. Undefined: it has
 * to be written whole.
 */
export function mapSteps(tree: ChangeTree, nextBefore: number | undefined): MapSteps | undefined {
  if (nextBefore === undefined || (tree.collPureOps?.length ?? 0) > 0) return undefined;
  const map = mapInternals(tree.ref as object);
  const removed: number[] = [];
  const set: [number, string][] = [];
  const appended: [number, string][] = [];
  let isNewOnly = true;
  for (const [index, operation] of tree.collDirty ?? []) {
    // Upstream takes "constructor" and the like for keys that it has already.
    if (typeof index !== "number") return undefined;
    const key = map.journal.keyByIndex.get(index);
    if (key === undefined || !map.$items.has(key)) {
      removed.push(index);
    } else if (operation === OPERATION.REPLACE) {
      set.push([index, key]);
    } else {
      appended.push([index, key]);
      if (operation !== OPERATION.ADD || index < nextBefore) isNewOnly = false;
    }
  }
  return isNewOnly ? { removed, set, appended } : { removed, ...placed(map, set, appended) };
}

/**
 * Tells the keys that are last from those that only got another value. Whatever was appended
 * makes up the end of the map, so that a key which was touched and stands there may be taken
 * for appended, and one that stands before an untouched key was not.
 */
function placed(
  { $items }: MapInternals,
  set: readonly [number, string][],
  touched: readonly [number, string][],
): Pick<MapSteps, "set" | "appended"> {
  const indexes = new Map(touched.map(([index, key]) => [key, index]));
  let appended: [number, string][] = [];
  const kept = [...set];
  for (const key of $items.keys()) {
    const index = indexes.get(key);
    if (index !== undefined) {
      appended.push([index, key]);
    } else if (appended.length > 0) {
      kept.push(...appended);
      appended = [];
    }
  }
  return { set: kept, appended };
}
