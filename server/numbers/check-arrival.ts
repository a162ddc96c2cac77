import type { Root } from "@colyseus/schema";
import { childTypeOf, fieldValue, isTracked, treeOf } from "../durability/state/state-internals.ts";
import { numbersOfClass } from "./class-numbers.ts";
import { rangeOf } from "./number-range.ts";
import { collectionPlace, elementPlace, refuseNumber } from "./refuse-number.ts";
import { forEachElement, isStockCollection } from "./stock-collection.ts";

type Visit = (child: unknown) => void;

/**
 * Throws when `part`, or anything that comes with it, holds a number that its type cannot.
 * What is in the state of `root` was checked when it came.
 */
export function checkArrival(part: unknown, root?: Root): void {
  if (!isTracked(part)) return;
  const parts = new Set([part]);
  const add: Visit = (child) => {
    if (isTracked(child)) parts.add(child);
  };
  // What is added while it runs is visited too. No recursion: a chain may be any length.
  for (const each of parts) {
    if (root !== undefined && treeOf(each).root === root) continue;
    if (!isStockCollection(each)) checkFields(each, add);
    else checkElements(each, childTypeOf(each), () => collectionPlace(each), add);
  }
}

/** The same for elements of a type, where `place` has the name; visits those with content. */
export function checkElements(
  content: object,
  childType: unknown,
  place: () => string,
  visit: Visit,
): void {
  const range = rangeOf(childType);
  if (range === undefined && typeof childType === "string") return;
  forEachElement(content, (key, element) => {
    if (range === undefined) visit(element);
    else if (element !== undefined && element !== null && !range.holds(element)) {
      refuseNumber(elementPlace(place(), key), element, range);
    }
  });
}

function checkFields(schema: object, visit: Visit): void {
  for (const field of numbersOfClass(schema.constructor)) {
    const value = fieldValue(schema, field);
    const { range } = field;
    if (range === undefined) visit(value);
    else if (value !== undefined && value !== null && !range.holds(value)) {
      refuseNumber(`${schema.constructor.name}.${field.name}`, value, range);
    }
  }
}
