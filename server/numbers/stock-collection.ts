import {
  ArraySchema,
  CollectionSchema,
  MapSchema,
  SetSchema,
  StreamSchema,
} from "@colyseus/schema";
import { forEachEntry } from "../../shared/state/schema-content.ts";

/** Sets, collections and streams, which have one way in: `add`. */
export function isAdding(ref: object): ref is SetSchema | CollectionSchema | StreamSchema {
  return ref instanceof SetSchema || ref instanceof CollectionSchema || ref instanceof StreamSchema;
}

/** A collection of the package's own, with elements one by one. */
export function isStockCollection(ref: object): boolean {
  return ref instanceof ArraySchema || ref instanceof MapSchema || isAdding(ref);
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

const STOCK_TYPES = ["array", "map", "set", "collection", "stream"];

/** Whether a field of this type holds such a collection. */
export function isStockCollectionType(type: unknown): type is object {
  return typeof type === "object" && type !== null && STOCK_TYPES.includes(Object.keys(type)[0]!);
}
