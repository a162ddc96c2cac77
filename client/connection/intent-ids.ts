/** Letters of a prefix; 12 of them are some 62 bits, so that two clients never share one. */
const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
const PREFIX_LENGTH = 12;

/** Ids by which the server knows a repeated intent: `<random prefix>-<counter>`. */
export class IntentIds {
  readonly #prefix: string;
  #count = 0;

  constructor(random: () => number) {
    this.#prefix = Array.from(
      { length: PREFIX_LENGTH },
      () => ALPHABET[Math.floor(random() * ALPHABET.length)],
    ).join("");
  }

  next(): string {
    this.#count += 1;
    return `${this.#prefix}-${this.#count}`;
  }
}

/**
 * Random numbers in [0, 1) that two pages never share. `getRandomValues` is there on plain
 * http too, unlike the rest of `crypto`; without it `Math.random` has to do.
 */
export function strongRandom(): number {
  const source = globalThis.crypto?.getRandomValues?.bind(globalThis.crypto);
  if (source === undefined) return Math.random();
  return (source(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
