/** Random numbers that the same seed repeats exactly. */
export class SeededRandom {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.#state = this.seed;
  }

  /** At least 0 and less than 1; bound, so that it can stand in for `Math.random`. */
  readonly next = (): number => {
    // Mulberry32: small, fast, and good enough to shake code with.
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.integer(0, items.length - 1)];
    if (item === undefined) throw new RangeError("cannot pick from no items");
    return item;
  }
}

/**
 * Inside `describe`: fresh random numbers for each test, whose seed is printed when the
 * test fails. `SEED=<number>` in the environment replays it.
 */
export function useSeededRandom(): () => SeededRandom {
  let random: SeededRandom | undefined;
  beforeEach(() => {
    random = new SeededRandom(Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 32)));
  });
  afterEach(function () {
    if (this.currentTest?.state !== "failed") return;
    process.stderr.write(`      replay "${this.currentTest.title}" with SEED=${random?.seed}\n`);
  });
  return () => {
    if (!random) throw new Error("useSeededRandom() gives numbers only while a test runs");
    return random;
  };
}
