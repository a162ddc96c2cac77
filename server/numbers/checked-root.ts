import type { Root } from "@colyseus/schema";
import { treeOf } from "../durability/state/state-internals.ts";

/** On the root of a state whose numbers are checked; whoever is in that state knows its root. */
const CHECKED: unique symbol = Symbol("numbers are checked");

export function markChecked(root: Root): void {
  (root as { [CHECKED]?: true })[CHECKED] = true;
}

/** The root of the checked state that `part` is in; undefined: it is in none. */
export function checkedRootOf(part: object): Root | undefined {
  const { root } = treeOf(part);
  return (root as { [CHECKED]?: true } | undefined)?.[CHECKED] === true ? root : undefined;
}
