import type { RealtimeEvent } from "../../shared/patterns/realtime-event.ts";

const EVERY = "*";

/** Which events: of a type, of a source, or of both; `"*"` stands for any. */
export type EventSelector<Type extends string = string> =
  | Type
  | "*"
  | { readonly source: string; readonly type?: Type | "*" }
  | { readonly source?: string; readonly type: Type | "*" };

export function matchesSelector(selector: EventSelector, event: RealtimeEvent): boolean {
  const { source = EVERY, type = EVERY } =
    typeof selector === "string" ? { type: selector } : selector;
  const isType = type === EVERY || type === event.type;
  return isType && (source === EVERY || source === event.source);
}

/** Which events a channel hears at all. */
export interface EventFilters {
  /** These types and no others; an empty list: none. */
  readonly includeTypes?: readonly string[];
  /** Never these, also where they are included. */
  readonly excludeTypes?: readonly string[];
}

export function passesFilters(
  { includeTypes, excludeTypes }: EventFilters,
  { type }: RealtimeEvent,
): boolean {
  if (excludeTypes?.includes(type) === true) return false;
  return includeTypes === undefined || includeTypes.includes(type);
}
