import { ArraySchema, MapSchema } from "@colyseus/schema";
import { childTypeOf } from "../durability/state/state-internals.ts";
import { checkArrival } from "./check-arrival.ts";
import { checkedRootOf } from "./checked-root.ts";
import { rangeOf } from "./number-range.ts";
import { collectionPlace, elementPlace, refuseNumber } from "./refuse-number.ts";

/**
 * From now on, what comes into this collection of the package while it is in a checked state is checked
 * before anything is changed. Elsewhere it behaves as before.
 *
 * The methods are its own, and not enumerable: others of its class are not touched.
 */
export function checkCollection(collection: object): void {
  for (const [name, value] of Object.entries(waysInto(collection))) {
    Object.defineProperty(collection, name, { value, configurable: true, writable: true });
  }
}

function waysInto(collection: object): object {
  if (collection instanceof ArraySchema) return ARRAY;
  if (collection instanceof MapSchema) return MAP;
  return ADDING;
}

/** `move` and `sort` have no place here: they are for what is in the array already. */
const ARRAY = {
  push(this: ArraySchema, ...elements: unknown[]): unknown {
    for (const element of elements) checkElement(this, element);
    return ArraySchema.prototype.push.apply(this, elements);
  },
  unshift(this: ArraySchema, ...elements: unknown[]): unknown {
    for (const element of elements) checkElement(this, element);
    return ArraySchema.prototype.unshift.apply(this, elements);
  },
  splice(this: ArraySchema, ...span: [number, number, ...unknown[]]): unknown {
    const [, , ...elements] = span;
    for (const element of elements) checkElement(this, element);
    return ArraySchema.prototype.splice.apply(this, span);
  },
  /** What the array's proxy calls for `array[index] = element`. */
  $changeAt(this: ArraySchema, index: number, element: unknown): unknown {
    checkElement(this, element, index);
    return (ArraySchema.prototype as unknown as ArrayInternals).$changeAt.call(
      this,
      index,
      element,
    );
  },
};

const MAP = {
  set(this: MapSchema, key: string, element: unknown): unknown {
    checkElement(this, element, key);
    return MapSchema.prototype.set.call(this, key, element);
  },
};

const ADDING = {
  add(this: object, element: unknown): unknown {
    checkElement(this, element);
    const { add } = Object.getPrototypeOf(this) as Adding;
    return add.call(this, element);
  },
};

interface Adding {
  readonly add: (this: object, element: unknown) => unknown;
}

interface ArrayInternals {
  $changeAt(this: ArraySchema, index: number, element: unknown): unknown;
}

function checkElement(collection: object, element: unknown, key?: unknown): void {
  // The package has its own words for what is nothing at all.
  if (element === undefined || element === null) return;
  const childType = childTypeOf(collection);
  if (typeof childType === "string") {
    const range = rangeOf(childType);
    if (range === undefined || range.holds(element)) return;
    if (checkedRootOf(collection) === undefined) return;
    refuseNumber(elementPlace(collectionPlace(collection), key), element, range);
  }
  const root = checkedRootOf(collection);
  if (root !== undefined) checkArrival(element, root);
}
