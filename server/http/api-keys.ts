import { createHash, timingSafeEqual } from "node:crypto";

const MIN_KEY_LENGTH = 16;

/** The keys with which other processes may publish; none: nobody may. */
export class ApiKeys {
  readonly #digests: readonly Buffer[];

  constructor(keys: readonly string[] = []) {
    for (const { length } of keys) {
      if (length >= MIN_KEY_LENGTH) continue;
      throw new RangeError(`an API key of ${length} characters is shorter than ${MIN_KEY_LENGTH}`);
    }
    this.#digests = keys.map(digest);
  }

  get isEmpty(): boolean {
    return this.#digests.length === 0;
  }

  /** Takes as long for a wrong key as for the right one. */
  has(key: string): boolean {
    const wanted = digest(key);
    return this.#digests.filter((each) => timingSafeEqual(each, wanted)).length > 0;
  }
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
