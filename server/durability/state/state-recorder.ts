import type { ChangeTree, Encoder, Root } from "@colyseus/schema";
import { PartWriter } from "./part-writer.ts";
import { RecordForm } from "./record-form.ts";
import { RecordWriter } from "./record-writer.ts";
import { takeRebuilt } from "./rebuilt-state.ts";
import { writeHead } from "./saved-state.ts";
import {
  forEachChanged,
  isPart,
  nextRefId,
  partsOf,
  refIdOf,
  watchArrivals,
} from "./state-internals.ts";
import { UntrackedParts } from "./untracked-parts.ts";

/**
 * Writes down what each tick does to one state, beside its encoder: everything that is
 * synced, whoever sees it, exactly as it is here and not as it is after the wire.
 *
 * - A tick costs what it changed. Only the first record of a state has all of it.
 * - Fields with `.noSync()`, and what is changed while tracking is paused, are not recorded.
 * - A record means something behind those before it, all the way back to one that is whole:
 *   where one could not be saved, a `snapshot` has to take its place.
 */
export class StateRecorder {
  readonly #encoder: Encoder;
  readonly #root: Root;
  readonly #out = new RecordWriter();
  readonly #writer: PartWriter;
  readonly #untracked: UntrackedParts;
  readonly #arrived = new Set<ChangeTree>();
  /** Classes that the records so far define. */
  #defined = new Set<number>();
  /** Nothing that was recorded can be built upon. */
  #isUnsaved: boolean;
  /** As the last record has it. */
  #nextRefId = 0;
  /** A snapshot has some of the changes that the next record tells. */
  #isAhead = false;

  /** To be made right after the encoder, and after `settleRebuilt`. */
  constructor(encoder: Encoder) {
    this.#encoder = encoder;
    this.#root = encoder.root;
    this.#writer = new PartWriter(this.#root, this.#out);
    this.#untracked = new UntrackedParts(this.#root, this.#writer);
    const saved = takeRebuilt(encoder.state as object);
    this.#isUnsaved = saved === undefined;
    for (const [schemaClass, id] of saved?.classes ?? []) {
      this.#writer.classes.add(schemaClass, id);
      this.#defined.add(id);
    }
    if (!this.#isUnsaved) this.#begin();
    watchArrivals(this.#root, (tree) => this.#arrived.add(tree));
  }

  /** Whether the state may change without anybody's being told: only a tick finds out. */
  get hasUntracked(): boolean {
    return !this.#untracked.isEmpty;
  }

  /**
   * What changed since the last call; undefined: nothing that a record would say. Called
   * once a tick, before its changes are discarded.
   */
  takeChanges(): Uint8Array | undefined {
    try {
      return this.#isUnsaved ? this.#first() : this.#changes();
    } catch (error) {
      // The changes are about to be forgotten: only a whole state can make up for them.
      this.#isUnsaved = true;
      throw error;
    }
  }

  /**
   * The whole state now, on this thread: for when ticks could not be saved. The records that
   * follow go on from it.
   */
  snapshot(): Uint8Array {
    this.#isAhead ||= this.#root.changes.next !== undefined;
    return this.#whole(new Set());
  }

  #first(): Uint8Array {
    this.#defined = new Set();
    const record = this.#whole(this.#defined);
    this.#begin();
    this.#isUnsaved = false;
    return record;
  }

  /** Takes the state for recorded as it is now. */
  #begin(): void {
    this.#nextRefId = nextRefId(this.#root);
    this.#arrived.clear();
    this.#isAhead = false;
    for (const tree of partsOf(this.#root)) {
      this.#writer.assumeWritten(tree);
      this.#untracked.consider(tree, this.#defined);
    }
  }

  #whole(defined: Set<number>): Uint8Array {
    this.#head(true, defined);
    const written = new Set<ChangeTree>();
    for (const tree of partsOf(this.#root)) this.#writeWhole(tree, written);
    this.#writeLinked(written);
    return this.#end();
  }

  #changes(): Uint8Array | undefined {
    const isQuiet =
      this.#root.changes.next === undefined &&
      this.#arrived.size === 0 &&
      nextRefId(this.#root) === this.#nextRefId;
    if (isQuiet && this.#untracked.isEmpty) return undefined;
    this.#head(false, this.#defined);
    const headLength = this.#out.length;
    const written = new Set<ChangeTree>();
    const arrived = [...this.#arrived].filter((tree) => isPart(this.#root, tree));
    this.#arrived.clear();
    for (const tree of arrived) this.#writeWhole(tree, written);
    forEachChanged(this.#root, (tree) => {
      if (written.has(tree)) return;
      if (this.#isAhead) this.#writeWhole(tree, written);
      else this.#writer.writeChanges(tree);
    });
    this.#writeLinked(written);
    this.#untracked.writeChanged(this.#out, this.#defined);
    this.#writer.direct(this.#out, this.#defined);
    this.#writeLinked(written);
    for (const tree of arrived) this.#untracked.consider(tree, this.#defined);
    this.#isAhead = false;
    const next = nextRefId(this.#root);
    // Ids of parts that came and went within the tick are not given out again either.
    const isEmpty = this.#out.length === headLength && next === this.#nextRefId;
    this.#nextRefId = next;
    return isEmpty ? undefined : this.#end();
  }

  /**
   * What is referred to from somewhere new may have left the state before, without the
   * package's noticing, and have been left out of a compaction.
   */
  #writeLinked(written: Set<ChangeTree>): void {
    for (let linked = this.#writer.takeLinked(); linked.length > 0;) {
      for (const tree of linked) this.#writeWhole(tree, written);
      linked = this.#writer.takeLinked();
    }
  }

  #writeWhole(tree: ChangeTree, written: Set<ChangeTree>): void {
    if (written.has(tree)) return;
    written.add(tree);
    this.#writer.writeWhole(tree);
  }

  #end(): Uint8Array {
    this.#out.byte(RecordForm.END);
    return this.#out.copy();
  }

  #head(isWhole: boolean, defined: Set<number>): void {
    this.#out.clear();
    this.#writer.direct(this.#out, defined);
    this.#writer.takeLinked();
    const rootId = refIdOf(this.#encoder.state as object) ?? 0;
    writeHead(this.#out, { isWhole, nextRefId: nextRefId(this.#root), rootId });
  }
}
