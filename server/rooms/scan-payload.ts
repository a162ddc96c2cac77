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

class PayloadScan {
  readonly #view: DataView;
  readonly #end: number;
  #at: number;
  #parts = 0;
  /** How many parts the records of each id have. */
  readonly #records = new Map<number, number>();
  /** Values that are left in each container around, the innermost last; maps count pairs twice. */
  readonly #left: number[] = [1];
  readonly #isMap: boolean[] = [false];

  constructor(frame: Uint8Array, start: number) {
    this.#view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    this.#end = frame.byteLength;
    this.#at = start;
  }

  run(): PayloadFault | undefined {
    try {
      while (this.#left.length > 0) {
        const reason = this.#next();
        if (reason !== undefined) return { isMalformed: false, reason };
      }
      return this.#at === this.#end ? undefined : { isMalformed: true };
    } catch (error) {
      // Of what is read here only the bytes can be the cause.
      if (error instanceof MalformedError || error instanceof RangeError) {
        return { isMalformed: true };
      }
      throw error;
    }
  }

  #next(): string | undefined {
    const innermost = this.#left.length - 1;
    if (this.#left[innermost] === 0) {
      this.#left.pop();
      this.#isMap.pop();
      return undefined;
    }
    const isName = this.#isMap[innermost] === true && this.#left[innermost]! % 2 === 0;
    this.#left[innermost]! -= 1;
    const token = this.#uint(1);
    return isName ? this.#readName(token) : this.#readValue(token);
  }

  #readName(token: number): string | undefined {
    const length = this.#textLength(token);
    if (length === undefined) {
      // Numbers are names as well; objects are none.
      if (this.#records.has(token)) throw new MalformedError();
      if (token < 0x80 || token >= 0xe0) return undefined;
      if (token < 0xca || token > 0xd3) throw new MalformedError();
      return this.#skip(SCALAR_BYTES[token - 0xca]!);
    }
    const from = this.#view.byteOffset + this.#at;
    this.#skip(length);
    if (length > "constructor".length) return undefined;
    const name = Buffer.from(this.#view.buffer, from, length).toString();
    return reachesPrototype(name) ? `a part is named "${name}"` : undefined;
  }

  #readValue(token: number): string | undefined {
    const recordParts = this.#records.get(token);
    if (recordParts !== undefined) return this.#enterRecord(recordParts);
    if (token < 0x80 || token >= 0xe0) return undefined;
    const text = this.#textLength(token);
    if (text !== undefined) return this.#skip(text);
    if (token < 0x90) return this.#enter(token & 0x0f, true);
    if (token < 0xa0) return this.#enter(token & 0x0f, false);
    if (token === 0xc1) throw new MalformedError();
    if (token < 0xc4) return undefined;
    if (token < 0xc7) return this.#skip(this.#uint(1 << (token - 0xc4)));
    if (token < 0xca) return this.#extension(this.#uint(1 << (token - 0xc7)));
    if (token < 0xd4) return this.#skip(SCALAR_BYTES[token - 0xca]!);
    if (token < 0xd9) return this.#extension(1 << (token - 0xd4));
    return this.#enter(this.#uint(token % 2 === 0 ? 2 : 4), token >= 0xde);
  }

  /** Bytes of a text that begins with this token; undefined: it is something else. */
  #textLength(token: number): number | undefined {
    if (token >= 0xa0 && token < 0xc0) return token & 0x1f;
    return token >= 0xd9 && token <= 0xdb ? this.#uint(1 << (token - 0xd9)) : undefined;
  }

  #enter(count: number, isMap: boolean): string | undefined {
    return this.#open(isMap ? count * 2 : count, isMap ? count : 0, isMap);
  }

  #enterRecord(count: number): string | undefined {
    return this.#open(count, count, false);
  }

  /** Goes into a container of so many values, which counts as so many parts and itself. */
  #open(values: number, parts: number, isMap: boolean): string | undefined {
    // Each takes a byte at least.
    if (values > this.#end - this.#at) throw new MalformedError();
    this.#parts += 1 + parts;
    if (this.#parts > MAX_INPUT_PARTS) return `it has more than ${MAX_INPUT_PARTS} parts`;
    // One of those around is the payload itself.
    if (this.#left.length > MAX_INPUT_DEPTH) return `it is nested deeper than ${MAX_INPUT_DEPTH}`;
    this.#left.push(values);
    this.#isMap.push(isMap);
    return undefined;
  }

  #defineRecord(): string | undefined {
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
    this.#records.set(id, count);
    return this.#enterRecord(count);
  }

  #extension(length: number): string | undefined {
    const type = this.#uint(1);
    if (type === RECORD_EXTENSION && length === 1) return this.#defineRecord();
    this.#skip(length);
    if (type === SET_EXTENSION) return this.#enter(1, false);
    return PLAIN_EXTENSIONS.has(type) ? undefined : `it has an extension of type ${type}`;
  }

  #uint(bytes: number): number {
    const at = this.#at;
    this.#skip(bytes);
    if (bytes === 1) return this.#view.getUint8(at);
    return bytes === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #skip(bytes: number): undefined {
    this.#at += bytes;
    if (this.#at > this.#end) throw new MalformedError();
    return undefined;
  }
}
