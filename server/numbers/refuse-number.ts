import { SyncError } from "../../shared/errors.ts";
import { fieldsOfClass, treeOf } from "../durability/state/state-internals.ts";
import type { NumberRange } from "./number-range.ts";

/** Throws the error of a write that `place` (`Player.hp`) cannot take. */
export function refuseNumber(place: string, value: unknown, range: NumberRange): never {
  // Of what is no number only the type: it may be long, and the message goes to a client.
  let shown = `of type ${typeof value}`;
  if (typeof value === "number") shown = String(value);
  else if (typeof value === "bigint") shown = `${value}n`;
  throw new SyncError("out-of-range", `${place} cannot be ${shown}: ${range.text}`);
}

/** The field that holds a collection: `Board.cells`. */
export function collectionPlace(collection: object): string {
  const { parent, parentIndex } = treeOf(collection);
  const owner = (parent as object | undefined)?.constructor;
  const field = owner && fieldsOfClass(owner).find(({ index }) => index === parentIndex);
  return field === undefined ? collection.constructor.name : `${owner!.name}.${field.name}`;
}

/** One element of it: `Board.cells[3]`, or `Board.cells` where none has a name yet. */
export function elementPlace(collection: string, key: unknown): string {
  return key === undefined ? collection : `${collection}[${JSON.stringify(key)}]`;
}
