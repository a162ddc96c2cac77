import type { Expense } from "./spend.ts";
import type { ClientRates } from "./server-limits.ts";
import { TokenBucket } from "./token-bucket.ts";

type Kind = keyof ClientRates;

/** How much of each kind. */
export type Amounts = Partial<Record<Kind, number>>;

/** How a refusal names what there was too much of. */
const NAMES: Record<Kind, string> = {
  publications: "publications",
  publicationBytes: "bytes of publications",
  operations: "channel operations",
  historyReads: "reads of the history",
  replayBytes: "bytes of missed publications",
};

/** What one session or one user may still do. */
export class Budget {
  readonly #buckets: readonly (readonly [kind: Kind, bucket: TokenBucket])[];
  readonly #whose: string;

  /** `whose`: as a refusal says it, such as `of one user`. */
  constructor(rates: ClientRates, whose: string) {
    const kinds = Object.keys(NAMES) as Kind[];
    this.#buckets = kinds.map((kind) => [kind, new TokenBucket(rates[kind])]);
    this.#whose = whose;
  }

  expenses(amounts: Amounts): Expense[] {
    return this.#buckets.flatMap(([kind, bucket]) => {
      const amount = amounts[kind] ?? 0;
      return amount > 0 ? [{ bucket, amount, what: `${NAMES[kind]} ${this.#whose}` }] : [];
    });
  }

  /** Whether it is as good as a new one. */
  isFull(now: number): boolean {
    return this.#buckets.every(([, bucket]) => bucket.isFull(now));
  }
}
