import { type Decoder, type Iterator, Reflection, type Schema } from "@colyseus/schema";
import { SyncError } from "../../shared/errors.ts";
import { ResyncedFields } from "./resynced-fields.ts";

/**
 * Turns state frames into one live state object.
 *
 * - A full state is authoritative: after it the object equals what a newcomer gets, and
 *   everything that is still there keeps its identity and its callbacks.
 * - Bytes that do not add up throw `state-malformed`, never skip: the object may then be
 *   half changed, so that decoder is spent (`isDamaged`) and a new one takes over.
 */
export class StateDecoder {
  readonly decoder: Decoder<Schema>;
  readonly #fields: ResyncedFields;
  #hasState = false;
  #isDamaged = false;

  /** Throws `state-malformed` when the reflection describes no state. */
  constructor(reflection: Uint8Array) {
    try {
      this.decoder = Reflection.decode(reflection);
      this.#fields = new ResyncedFields(this.decoder);
    } catch (cause) {
      const message = `state schema of ${reflection.length} bytes cannot be decoded`;
      throw new SyncError("state-malformed", message, { cause });
    }
    // Upstream skips what it cannot place and leaves a state that silently differs.
    this.decoder.skipCurrentStructure = () => {
      throw new RangeError("it changes something that this client does not hold");
    };
  }

  get state(): Schema {
    return this.decoder.state;
  }

  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  applyFull(bytes: Uint8Array, offset: number): void {
    this.#decode("full state", bytes, offset, (it) => {
      // A first state meets an empty object: there is nothing to reconcile.
      if (this.#hasState) this.#fields.decodeResync(bytes, it);
      else this.decoder.decode(bytes, it);
    });
    this.#hasState = true;
  }

  applyPatch(bytes: Uint8Array, offset: number): void {
    this.#decode("patch", bytes, offset, (it) => void this.decoder.decode(bytes, it));
  }

  #decode(what: string, bytes: Uint8Array, offset: number, decode: (it: Iterator) => void): void {
    const it = { offset };
    try {
      decode(it);
      if (it.offset !== bytes.length) throw new RangeError(`it ends at byte ${it.offset}`);
    } catch (cause) {
      this.#isDamaged = true;
      const message = `${what} of ${bytes.length} bytes cannot be decoded: ${String(cause)}`;
      throw new SyncError("state-malformed", message, { cause });
    }
  }
}
