/** What something remembered takes beside its payload: stamps, and the memory around them. */
const OVERHEAD_BYTES = 512;

/**
 * What the windows of all topics take together. Beyond the limit the oldest is forgotten,
 * whatever topic it is of: under load every window reaches back less far, none is lost.
 */
export class WindowMemory {
  readonly #maxBytes: number;
  /** In the order in which they came. */
  readonly #entries = new Map<object, { readonly bytes: number; readonly forget: () => void }>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `forget`: forgets it where it is kept; it does not have to be removed here, too. */
  add(entry: object, payloadBytes: number, forget: () => void): void {
    const bytes = payloadBytes + OVERHEAD_BYTES;
    this.#entries.set(entry, { bytes, forget });
    this.#bytes += bytes;
    for (const [oldest, { forget: forgetOldest }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      this.remove(oldest);
      forgetOldest();
    }
  }

  remove(entry: object): void {
    this.#bytes -= this.#entries.get(entry)?.bytes ?? 0;
    this.#entries.delete(entry);
  }
}
