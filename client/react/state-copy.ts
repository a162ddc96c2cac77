import type {
  ArraySchema,
  CollectionSchema,
  MapSchema,
  Schema,
  SetSchema,
  ToJSON,
} from "@colyseus/schema";
import type { Grid } from "../../shared/state/grid.ts";

type Unchanged = string | number | bigint | boolean | symbol | null | undefined | Grid | Date;

/**
 * What of a state a component gets to see: a copy that stays as it is, with maps as `Map`,
 * lists as arrays and schema objects as plain ones. A grid is itself: it is drawn by a
 * renderer, cell by cell, and not by React.
 */
export type StateCopy<Value> = Value extends Unchanged
  ? Value
  : Value extends (...args: never[]) => unknown
    ? Value
    : Value extends MapSchema<infer Item>
      ? ReadonlyMap<string, StateCopy<Item>>
      : Value extends ReadonlyMap<infer Key, infer Item>
        ? ReadonlyMap<Key, StateCopy<Item>>
        : Value extends ArraySchema<infer Item> | CollectionSchema<infer Item>
          ? readonly StateCopy<Item>[]
          : Value extends SetSchema<infer Item> | ReadonlySet<infer Item>
            ? ReadonlySet<StateCopy<Item>>
            : Value extends Schema
              ? { readonly [Name in keyof ToJSON<Value> & keyof Value]: StateCopy<Value[Name]> }
              : Value extends object
                ? { readonly [Name in keyof Value]: StateCopy<Value[Name]> }
                : Value;
