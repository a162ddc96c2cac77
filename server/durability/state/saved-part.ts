import type { RecordReader } from "./record-reader.ts";
import type { RecordWriter } from "./record-writer.ts";

/** A schema or collection as records tell it. */
export interface SavedPart {
  /** Writes all of it, as its recorder does, without the head. */
  write(writer: RecordWriter): void;
  /** Ref ids of the parts that it refers to. */
  children(): Iterable<number>;
}

/** What an entry does to a part that is known; entries are read before any is applied. */
export type ApplyChanges<Part extends SavedPart> = (part: Part) => void;

/** How one form of entry is read, for those who look it up by the form. */
export type ReadChanges<Part extends SavedPart> = (reader: RecordReader) => ApplyChanges<Part>;
