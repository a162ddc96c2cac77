/**
 * A record of a state begins with one byte for the layout, one that says whether it holds
 * the whole state, and the next free ref id. Then come entries, of which each begins with
 * one of these bytes, and at last `END`, so that a record that was cut off is none.
 *
 * Entries are absolute wherever that costs nothing: the entries of a tick describe what its
 * changes came to, not how they came about. Only what happened to an array is told by its
 * steps. A record can be parsed with the definitions of its classes and nothing else.
 */
export const RecordForm = {
  /** A class, as JSON; before the first entry that names it. */
  CLASS: 0,
  /** A schema: class, and every field that is set. */
  SCHEMA: 1,
  /** Fields of a schema that changed. */
  SCHEMA_CHANGES: 2,
  ARRAY: 3,
  ARRAY_CHANGES: 4,
  MAP: 5,
  MAP_CHANGES: 6,
  /** A set, collection or stream. */
  NUMBERED: 7,
  NUMBERED_CHANGES: 8,
  /** A grid, or another packed collection, in its own encoding. */
  PACKED: 9,
  PACKED_CHANGES: 10,
  END: 11,
} as const;

/** Another layout gets another number. */
export const RECORD_LAYOUT = 1;

/** Beside the index of a field: it is undefined, and no value follows. */
export const ABSENT = 0x80;

/** What happened to an element of an array, in the low bits beside its place. */
export const ArrayStep = {
  REMOVE: 0,
  INSERT: 1,
  REPLACE: 2,
} as const;

export const MapStep = {
  REMOVE: 0,
  /** The key stays where it is among the others. */
  SET: 1,
  /** The key comes last, wherever it may have been. */
  APPEND: 2,
} as const;

/** The collections whose entries have a number for a key. */
export const NumberedKind = {
  SET: 0,
  COLLECTION: 1,
  STREAM: 2,
} as const;
export type NumberedKind = (typeof NumberedKind)[keyof typeof NumberedKind];
