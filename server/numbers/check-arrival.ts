import { type Root, Schema } from "@colyseus/schema";
import { childTypeOf, fieldValue, isTracked, treeOf } from "../durability/state/state-internals.ts";
import { numbersOfClass } from "./class-numbers.ts";
import { rangeOf } from "./number-range.ts";
import { placeOf, refusedNumber } from "./refused-number.ts";
import { forEachElement, isStockCollection } from "./stock-collection.ts";

/**
 * Throws when `part`, or anything that comes with it, holds a number that its type cannot.
 * What is in the state of `root` was checked when it came.
 */
export function checkArrival(part: unknown, root?: Root): void {
  if (!isTracked(part)) return;
  const parts = new Set([part]);
  const add = (child: unknown): void => {
    if (isTracked(child)) parts.add(child);
  };
  // What is added while it runs is visited too. No recursion: a chain may be any length.
  for (const each of parts) {
    if (root !== undefined && treeOf(each).root === root) continue;
    if (each instanceof Schema) checkFields(each, add);
    else if (isStockCollection(each))
      checkElements(each, childTypeOf(each), () => placeOf(each), add);
  }
}

/** Throws for a number among the elements that their type cannot hold; visits what else they are. */
export function checkElements(
  content: object,
  childType: unknown,
  place: () => string,
  visit: (child: unknown) => void,
): void {
  const range = rangeOf(childType);
  if (range === undefined && typeof childType === "string") return;
  forEachElement(content, (key, element) => {
    if (range === undefined) visit(element);
    else if (element !== undefined && element !== null && !range.holds(element)) {
      throw refusedNumber(`${place()}[${JSON.stringify(key)}]`, element, range);
    }
  });
}

function checkFields(schema: Schema, visit: (child: unknown) => void): void {
  for (const field of numbersOfClass(schema.constructor)) {
    const value = fieldValue(schema, field);
    const { range } = field;
    if (range === undefined) visit(value);
    else if (value !== undefined && value !== null && !range.holds(value)) {
      throw refusedNumber(`${schema.constructor.name}.${field.name}`, value, range);
    }
  }
}
