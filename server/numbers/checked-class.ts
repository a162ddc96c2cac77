import { ArraySchema } from "@colyseus/schema";
import { checkArrival, checkElements } from "./check-arrival.ts";
import { checkedRootOf } from "./checked-root.ts";
import { type CheckedField, numbersOfClass } from "./class-numbers.ts";
import { isUnlimited, type NumberRange } from "./number-range.ts";
import { refuseNumber } from "./refuse-number.ts";
import { isStockCollectionType } from "./stock-collection.ts";

type Setter = (this: object, value: unknown) => void;

interface Accessor {
  readonly prototype: object;
  readonly set: Setter;
}

/** On each class that was here, and on each setter of ours: classes share what they inherit. */
const CHECKS: unique symbol = Symbol("checks numbers");

/**
 * From now on, instances of the class that are in a checked state refuse what their fields
 * cannot hold, before anything is changed. Others behave as before: those in the state of a
 * plain room, in none yet, or on a client.
 */
export function checkClass(schemaClass: object): void {
  if (Object.hasOwn(schemaClass, CHECKS)) return;
  Object.defineProperty(schemaClass, CHECKS, { value: true });
  for (const field of numbersOfClass(schemaClass)) {
    const accessor = accessorOf(schemaClass, field.name);
    const set = accessor && checkedSetter(field, accessor.set);
    if (accessor === undefined || set === undefined || CHECKS in accessor.set) continue;
    Object.defineProperty(set, CHECKS, { value: true });
    Object.defineProperty(accessor.prototype, field.name, { set });
  }
}

/** Where the package has put a field's accessor: a game's own are nearer to the instance. */
function accessorOf(schemaClass: object, name: string): Accessor | undefined {
  let found: Accessor | undefined;
  let { prototype } = schemaClass as { prototype: object | null };
  while (prototype !== null) {
    const { set } = (Object.getOwnPropertyDescriptor(prototype, name) ?? {}) as { set?: Setter };
    if (set !== undefined) found = { prototype, set };
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return found;
}

/** Undefined for a field in which no number can be wrong. */
function checkedSetter({ name, range, type }: CheckedField, stock: Setter): Setter | undefined {
  // What is no number at all the package refuses itself.
  if (range !== undefined) return isUnlimited(range) ? undefined : numberSetter(name, range, stock);
  if (typeof type === "function") return refSetter(stock);
  return isStockCollectionType(type) ? collectionSetter(name, type, stock) : undefined;
}

function numberSetter(name: string, range: NumberRange, stock: Setter): Setter {
  return function setNumber(value) {
    // The range comes first: it is cheaper than the question of what state this is in.
    if (!range.holds(value) && isNumber(value) && checkedRootOf(this) !== undefined) {
      refuseNumber(`${this.constructor.name}.${name}`, value, range);
    }
    stock.call(this, value);
  };
}

function refSetter(stock: Setter): Setter {
  return function setRef(value) {
    const root = checkedRootOf(this);
    if (root !== undefined) checkArrival(value, root);
    stock.call(this, value);
  };
}

function collectionSetter(name: string, type: object, stock: Setter): Setter {
  const [kind, childType] = Object.entries(type)[0] as [string, unknown];
  return function setCollection(value) {
    const root = checkedRootOf(this);
    if (root === undefined || typeof value !== "object" || value === null) {
      stock.call(this, value);
      return;
    }
    // Whatever can be iterated becomes an array, and some can be so only once.
    const isIterated = kind === "array" && !(value instanceof ArraySchema);
    const content = isIterated ? [...(value as Iterable<unknown>)] : value;
    const place = (): string => `${this.constructor.name}.${name}`;
    checkElements(content, childType, place, (child) => checkArrival(child, root));
    stock.call(this, content);
  };
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}
