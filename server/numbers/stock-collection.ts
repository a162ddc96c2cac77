import {
  ArraySchema,
  CollectionSchema,
  MapSchema,
  Schema,
  SetSchema,
  StreamSchema,
} from "@colyseus/schema";
import { forEachEntry } from "../../shared/state/schema-content.ts";

const STOCK = [ArraySchema, MapSchema, SetSchema, CollectionSchema, StreamSchema];
const STOCK_TYPES = ["array", "map", "set", "collection", "stream"];

/** A collection of the package's own, with elements one by one. */
export function isStockCollection(ref: object): boolean {
  // Most parts of a state are schemas.
  return !(ref instanceof Schema) && STOCK.some((each) => ref instanceof each);
}

/** Whether a field of this type holds one. */
export function isStockCollectionType(type: unknown): type is object {
  return typeof type === "object" && type !== null && STOCK_TYPES.includes(Object.keys(type)[0]!);
}

/** Visits what is in a collection, or in what a field makes a collection of. */
export function forEachElement(
  content: object,
  visit: (key: unknown, element: unknown) => void,
): void {
  if (isStockCollection(content)) forEachEntry(content, (_index, key, each) => visit(key, each));
  else if (Array.isArray(content)) content.forEach((each: unknown, key) => visit(key, each));
  else if (content instanceof Map) content.forEach((each: unknown, key) => visit(key, each));
  else Object.entries(content).forEach(([key, each]) => visit(key, each));
}
