import type { ChangeTree, Encoder } from "@colyseus/schema";
import { partsOf, watchArrivals } from "../durability/state/state-internals.ts";
import { checkClass } from "./checked-class.ts";
import { checkCollection } from "./checked-collection.ts";
import { markChecked } from "./checked-root.ts";
import { isStockCollection } from "./stock-collection.ts";

/**
 * From now on, no part of this encoder's state takes a number that its type cannot hold: the
 * write throws `out-of-range`, and changes nothing. What was made outside of the state is
 * checked when it comes into it.
 *
 * What the state holds already is for `checkArrival` to look at.
 */
export function checkNumbers({ root }: Encoder): void {
  markChecked(root);
  for (const tree of partsOf(root)) checkPart(tree);
  watchArrivals(root, checkPart);
}

function checkPart({ refTarget }: ChangeTree): void {
  const part = refTarget as object;
  if (isStockCollection(part)) checkCollection(part);
  else checkClass(part.constructor);
}
