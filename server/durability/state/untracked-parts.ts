import { type ChangeTree, type Root, Schema } from "@colyseus/schema";
import type { PartWriter } from "./part-writer.ts";
import { RecordWriter } from "./record-writer.ts";
import { fieldsOfClass, isPart } from "./state-internals.ts";

interface Untracked {
  /** Fields that are written; undefined: all of it. */
  readonly fields: readonly number[] | undefined;
  last: Uint8Array;
}

/**
 * The parts of a state that change without a note: fields of full states alone, unreliable
 * ones, and what streams hold. They are compared with what was recorded last, tick by tick; a
 * state that has none of them pays nothing.
 */
export class UntrackedParts {
  readonly #root: Root;
  readonly #writer: PartWriter;
  readonly #scratch = new RecordWriter();
  readonly #parts = new Map<ChangeTree, Untracked>();

  constructor(root: Root, writer: PartWriter) {
    this.#root = root;
    this.#writer = writer;
  }

  get isEmpty(): boolean {
    return this.#parts.size === 0;
  }

  /** Looks after a part that has just been recorded whole, if it has to be. */
  consider(tree: ChangeTree, defined: Set<number>): void {
    const isWhole = tree.isFullStateOnly || tree.isStreamCollection;
    const fields = isWhole ? [] : untrackedFields(tree);
    if (!isWhole && fields.length === 0) return;
    const part: Untracked = { fields: isWhole ? undefined : fields, last: new Uint8Array(0) };
    part.last = this.#write(tree, part, defined);
    // Linked parts were recorded with it.
    this.#writer.takeLinked();
    this.#parts.set(tree, part);
  }

  /** Writes what has changed since it was recorded last. */
  writeChanged(out: RecordWriter, defined: Set<number>): void {
    for (const [tree, part] of this.#parts) {
      if (!isPart(this.#root, tree)) {
        this.#parts.delete(tree);
        continue;
      }
      const linkedBefore = this.#writer.takeLinked();
      const bytes = this.#write(tree, part, defined);
      const linked = this.#writer.takeLinked();
      this.#writer.link(linkedBefore);
      if (Buffer.compare(bytes, part.last) === 0) continue;
      this.#writer.link(linked);
      part.last = bytes;
      out.raw(bytes);
    }
  }

  #write(tree: ChangeTree, { fields }: Untracked, defined: Set<number>): Uint8Array {
    this.#scratch.clear();
    this.#writer.direct(this.#scratch, defined);
    if (fields === undefined) this.#writer.writeWhole(tree);
    else this.#writer.writeFields(tree.ref as object, fields);
    return this.#scratch.copy();
  }
}

function untrackedFields(tree: ChangeTree): number[] {
  const { hasAnyFullStateOnly, hasAnyUnreliable } = tree.encDescriptor;
  if (!hasAnyFullStateOnly && !hasAnyUnreliable) return [];
  if (!Schema.isSchema(tree.ref)) return [];
  return fieldsOfClass(tree.ref.constructor)
    .map(({ index }) => index)
    .filter((index) => tree.isFieldFullStateOnly(index) || tree.isFieldUnreliable(index));
}
