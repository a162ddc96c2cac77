import type { DataChange, DefinitionType, Decoder, Encoder, Iterator, Ref } from "@colyseus/schema";
import {
  $changes,
  $childType,
  $decoder,
  $deleteByIndex,
  $encoder,
  $filter,
  $getByIndex,
  ChangeTree,
  FieldBuilder,
  OPERATION,
  registerType,
} from "@colyseus/schema";
import type { CellChanges } from "./cell-changes.ts";
import { stateMalformed } from "./state-malformed.ts";
import { ByteReader, writeVarint } from "./varint.ts";

/**
 * Everything that a packed collection needs of @colyseus/schema beyond its documented API,
 * in one place: the package's exact version is pinned, and schema-hooks.test.ts says in a
 * sentence what moved when it no longer fits.
 */

/**
 * The bytes behind a packed collection, in parts that are written one behind the other.
 * Encoding may run several times a tick, and must not notice.
 */
export interface PackedContent {
  encodeFullState(): readonly Uint8Array[];
  encodePatch(): readonly Uint8Array[];
  /** Applies all of `body` or throws; undefined when nothing changed. */
  decodeFullState(body: Uint8Array): CellChanges | undefined;
  decodePatch(body: Uint8Array): CellChanges | undefined;
  /** The patch of this tick has been encoded for everybody. */
  endTick(): void;
  /** Of all that it holds; undefined on a client that was sent nothing yet. */
  checksum(): number | undefined;
}

/**
 * Any child type that is a string says "no schemas inside"; this one is in the reflection
 * that a client gets, so that it should be a primitive which every SDK knows.
 */
const CHILD_TYPE = "uint8";
/** The one index that the encoder sees: a collection is written whole or as one patch. */
const WHOLE = 0;
const WHOLE_ITEMS: readonly number[] = [WHOLE];

/** First byte of a whole collection on the wire, and the bit that asks for one. */
const ADD: number = OPERATION.ADD;
/** First byte of a patch. */
const REPLACE: number = OPERATION.REPLACE;

/** Makes `name` known to the schema of this process; doing it again changes nothing. */
export function registerPacked(name: string, collection: new () => PackedCollection): void {
  registerType(name, { constructor: collection });
}

/** A field of the registered type `name`; each state instance gets its own from `make`. */
export function packedField<Collection extends PackedCollection>(
  name: string,
  make: () => Collection,
): FieldBuilder<Collection, true> {
  const type: DefinitionType = { [name]: CHILD_TYPE };
  return new FieldBuilder<Collection>(type).default(make);
}

/**
 * Sends the whole collection, not just its patch, wherever a client may not have it.
 *
 * Its parent keeps the first operation of a tick, so that a pending patch would hide that
 * the collection left the state and came back, new to every client. And a decoder that
 * finds a known collection in another field goes on with whatever that field held before.
 */
class PackedChangeTree extends ChangeTree {
  override record(index: number, operation: OPERATION): void {
    if (hasAdd(operation)) this.recordRaw(index, operation);
    else super.record(index, operation);
  }

  override addParent(parent: Ref, index: number): void {
    super.addParent(parent, index);
    if (this.root !== undefined) this.change(WHOLE, OPERATION.ADD);
  }
}

export abstract class PackedCollection {
  declare readonly [$changes]: ChangeTree;
  declare [$childType]: string;
  readonly #content: PackedContent;
  readonly #changeTree: ChangeTree;

  constructor(content: PackedContent) {
    this.#content = content;
    this.#changeTree = new PackedChangeTree(this);
    // Not enumerable, like the package's own: deep comparisons would walk into the encoder.
    Object.defineProperty(this, $changes, { value: this.#changeTree });
    this[$childType] = CHILD_TYPE;
    // New to everybody: whatever the first patch with this collection is, it has all of it.
    this.#changeTree.change(WHOLE, OPERATION.ADD);
  }

  /** What the decoder makes instead of calling a constructor with arguments. */
  static initializeForDecoder<Collection>(this: new () => Collection): Collection {
    return new this();
  }

  /**
   * Writes operation, length and body. Where they no longer fit the offset goes on all the
   * same, so that the encoder finds out how much room it lacks and comes again.
   */
  static [$encoder](
    _encoder: Encoder,
    bytes: Uint8Array,
    { ref }: ChangeTree,
    _index: number,
    operation: OPERATION,
    it: Iterator,
  ): void {
    const content = (ref as PackedCollection).#content;
    const isWhole = hasAdd(operation);
    const parts = isWhole ? content.encodeFullState() : content.encodePatch();
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    bytes[it.offset++] = isWhole ? ADD : REPLACE;
    it.offset = writeVarint(bytes, it.offset, length);
    for (const part of parts) {
      if (it.offset + part.length <= bytes.length) bytes.set(part, it.offset);
      it.offset += part.length;
    }
  }

  static [$decoder](
    decoder: Decoder,
    bytes: Uint8Array,
    it: Iterator,
    ref: PackedCollection,
    allChanges: DataChange[] | null,
  ): void {
    const reader = new ByteReader(bytes, it.offset);
    const operation = reader.byte();
    const body = reader.take(reader.varint());
    // Before the body is looked at: whoever catches the error stands behind it.
    it.offset = reader.offset;
    const changes = ref.#decode(operation, body);
    if (changes === undefined) return;
    if (allChanges !== null) ref.#list(changes, decoder, allChanges);
    ref.announce(changes);
  }

  /** A view that sees the collection sees all of it. */
  static [$filter](): boolean {
    return true;
  }

  /** Of all that it holds; undefined on a client that was sent nothing yet. */
  contentChecksum(): number | undefined {
    return this.#content.checksum();
  }

  /** All that it holds, as clients get it: what a record of the state keeps. */
  encodeWhole(): readonly Uint8Array[] {
    return this.#content.encodeFullState();
  }

  /** What the open tick has changed, as clients get it. */
  encodeChanges(): readonly Uint8Array[] {
    return this.#content.encodePatch();
  }

  /** Tells listeners, once all of a patch or full state is applied. */
  protected abstract announce(changes: CellChanges): void;

  /** A new collection with the same content, in no state yet. */
  protected abstract copy(): this;

  /** Queues this tick's patch; every effective change says so, not just the first. */
  protected touch(): void {
    const tree = this.#changeTree;
    if (tree.has()) tree.root?.enqueueChangeTree(tree);
    else tree.change(WHOLE, OPERATION.REPLACE);
  }

  /** The full-state walk looks for an array named so and encodes each index that is in it. */
  get items(): readonly number[] {
    return WHOLE_ITEMS;
  }

  /** A view sends index 0 as deleted when there is nothing at it. */
  [$getByIndex](_index: number): number {
    return WHOLE;
  }

  [$deleteByIndex](_index: number): void {}

  /** The decoder clones what a field held before it decodes into it. */
  clone(isDecoding?: boolean): this {
    return isDecoding === true ? this : this.copy();
  }

  /** Empty for the decoder, which asks a replaced collection what is removed with it. */
  entries(): IterableIterator<[number, number]> {
    return ([] as [number, number][]).values();
  }

  /** Empty, like `entries`; with it the callbacks take a field for a collection. */
  forEach(_visit: (value: number, index: number) => void): void {}

  [Symbol.iterator](): IterableIterator<number> {
    return ([] as number[]).values();
  }

  /** End of a tick, after all its encodings. */
  "~onEncodeEnd"(): void {
    this.#content.endTick();
  }

  /** After a resync: removes what the full state did not mention. It mentions all of it. */
  "~resyncPrune"(): void {}

  #decode(operation: number, body: Uint8Array): CellChanges | undefined {
    if (operation === ADD) return this.#content.decodeFullState(body);
    if (operation === REPLACE) return this.#content.decodePatch(body);
    throw stateMalformed(`operation ${operation} on a packed collection is unknown`);
  }

  /** Lists changed cells for the schema's own callbacks: an object each, if anybody listens. */
  #list(changes: CellChanges, decoder: Decoder, list: DataChange[]): void {
    const refId = decoder.currentRefId;
    if (decoder.root.callbacks[refId] === undefined) return;
    changes.forEach((dynamicIndex, value, previousValue) => {
      list.push({ ref: this, refId, op: OPERATION.REPLACE, dynamicIndex, value, previousValue });
    });
  }
}

function hasAdd(operation: OPERATION): boolean {
  return (operation & ADD) === ADD;
}

/** The package types what a view takes as its own classes; it asks them nothing more. */
declare module "@colyseus/schema" {
  interface StateView {
    add(collection: PackedCollection, tag?: number): boolean;
    remove(collection: PackedCollection, tag?: number): this;
    has(collection: PackedCollection): boolean;
  }
}
