import { MAX_INPUT_DEPTH, MAX_INPUT_PARTS } from "../../shared/limits.ts";
import { reachesPrototype } from "./payload-shape.ts";

/** What is wrong with a payload before it is decoded. */
export type PayloadFault =
  /** It is not MessagePack, or says that it holds more than it does. */
  | { readonly isMalformed: true }
  /** It could be decoded, and nobody should. */
  | { readonly isMalformed: false; readonly reason: string };

/**
 * Extension types that applications send: undefined, dates, big integers, typed arrays. The
 * others make errors, regular expressions and references, in whose making a sender has no say.
 */
const PLAIN_EXTENSIONS: ReadonlySet<number> = new Set([0x00, 0xff, 0x42, 0x74]);
/**
 * A record: its id, the names of its parts, then their values. Stock SDKs write every object so;
 * the id alone stands for another one with the same names.
 */
const RECORD_EXTENSION = 0x72;
/** A Set, which is what follows. */
const SET_EXTENSION = 0x73;

/** Bytes of the scalars 0xca to 0xd3, behind their first one. */
const SCALAR_BYTES = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];

/**
 * Reads MessagePack from `start` to the end without making anything of it: what declares more
 * than is there, is nested too deeply, has too many parts, or a name that reaches for a
 * prototype costs no more than a look.
 */
export function scanPayload(frame: Uint8Array, start: number): PayloadFault | undefined {
  if (start >= frame.byteLength) return undefined;
  return new PayloadScan(frame, start).run();
}

class MalformedError extends Error {}

function isText(token: number): boolean {
  return (token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token <= 0xdb);
}

/** Runs for every message: it makes nothing that it does not need. */
class PayloadScan {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  #parts = 0;
  /** How many parts the records of each id have; absent: there are none. */
  #records: Map<number, number> | undefined;

  constructor(frame: Uint8Array, start: number) {
    this.#bytes = frame;
    this.#end = frame.byteLength;
    this.#at = start;
  }

  run(): PayloadFault | undefined {
    try {
      const reason = this.#readValue(1);
      if (reason !== undefined) return { isMalformed: false, reason };
      return this.#at === this.#end ? undefined : { isMalformed: true };
    } catch (error) {
      if (error instanceof MalformedError) return { isMalformed: true };
      throw error;
    }
  }

  #readName(token: number): string | undefined {
    if (!isText(token)) {
      // Numbers are names as well; objects are none.
      if (this.#records?.has(token) === true) throw new MalformedError();
      if (token < 0x80 || token >= 0xe0) return undefined;
      if (token < 0xca || token > 0xd3) throw new MalformedError();
      return this.#skip(SCALAR_BYTES[token - 0xca]!);
    }
    const length = this.#textLength(token);
    const at = this.#at;
    this.#skip(length);
    // The names that are refused have these lengths: others need not be made into texts.
    if (length !== 9 && length !== 11) return undefined;
    const name = Buffer.from(this.#bytes.subarray(at, at + length)).toString();
    return reachesPrototype(name) ? `a part is named "${name}"` : undefined;
  }

  #readValue(depth: number): string | undefined {
    const token = this.#uint(1);
    if (token < 0x80 || token >= 0xe0) {
      const recordParts = this.#records?.get(token);
      return recordParts === undefined ? undefined : this.#readList(recordParts, depth, true);
    }
    if (isText(token)) return this.#skip(this.#textLength(token));
    if (token < 0x90) return this.#readMap(token & 0x0f, depth);
    if (token < 0xa0) return this.#readList(token & 0x0f, depth);
    if (token === 0xc1) throw new MalformedError();
    if (token < 0xc4) return undefined;
    if (token < 0xc7) return this.#skip(this.#uint(1 << (token - 0xc4)));
    if (token < 0xca) return this.#readExtension(this.#uint(1 << (token - 0xc7)), depth);
    if (token < 0xd4) return this.#skip(SCALAR_BYTES[token - 0xca]!);
    if (token < 0xd9) return this.#readExtension(1 << (token - 0xd4), depth);
    const count = this.#uint(token % 2 === 0 ? 2 : 4);
    return token < 0xde ? this.#readList(count, depth) : this.#readMap(count, depth);
  }

  #textLength(token: number): number {
    return token < 0xc0 ? token & 0x1f : this.#uint(1 << (token - 0xd9));
  }

  #readMap(count: number, depth: number): string | undefined {
    let reason = this.#enter(count * 2, count, depth);
    for (let left = count; left > 0 && reason === undefined; left -= 1) {
      reason = this.#readName(this.#uint(1)) ?? this.#readValue(depth + 1);
    }
    return reason;
  }

  /** Values one after the other; those of a record have names, said before. */
  #readList(count: number, depth: number, isRecord = false): string | undefined {
    let reason = this.#enter(count, isRecord ? count : 0, depth);
    for (let left = count; left > 0 && reason === undefined; left -= 1) {
      reason = this.#readValue(depth + 1);
    }
    return reason;
  }

  /** Goes into a container of so many values, which counts as so many parts and itself. */
  #enter(values: number, parts: number, depth: number): string | undefined {
    // Each takes a byte at least.
    if (values > this.#end - this.#at) throw new MalformedError();
    this.#parts += 1 + parts;
    if (this.#parts > MAX_INPUT_PARTS) return `it has more than ${MAX_INPUT_PARTS} parts`;
    return depth > MAX_INPUT_DEPTH ? `it is nested deeper than ${MAX_INPUT_DEPTH}` : undefined;
  }

  #readExtension(length: number, depth: number): string | undefined {
    const type = this.#uint(1);
    if (type === RECORD_EXTENSION && length === 1) return this.#readRecord(depth);
    this.#skip(length);
    if (type === SET_EXTENSION) return this.#readList(1, depth);
    return PLAIN_EXTENSIONS.has(type) ? undefined : `it has an extension of type ${type}`;
  }

  #readRecord(depth: number): string | undefined {
    const id = this.#uint(1);
    // Any other id would stand for something else wherever it follows.
    if (id < 0x40 || id > 0x7f) throw new MalformedError();
    const token = this.#uint(1);
    const isShort = token >= 0x90 && token < 0xa0;
    if (!isShort && token !== 0xdc) throw new MalformedError();
    const count = isShort ? token & 0x0f : this.#uint(2);
    for (let part = 0; part < count; part += 1) {
      const name = this.#uint(1);
      if (!isText(name)) throw new MalformedError();
      const reason = this.#readName(name);
      if (reason !== undefined) return reason;
    }
    this.#records ??= new Map();
    this.#records.set(id, count);
    return this.#readList(count, depth, true);
  }

  #uint(size: number): number {
    const at = this.#at;
    this.#skip(size);
    let value = 0;
    for (let each = at; each < at + size; each += 1) value = value * 256 + this.#bytes[each]!;
    return value;
  }

  #skip(size: number): undefined {
    this.#at += size;
    if (this.#at > this.#end) throw new MalformedError();
    return undefined;
  }
}
