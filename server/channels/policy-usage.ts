import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import type { Rate } from "../limits/rate.ts";
import { PerKey } from "../limits/per-key.ts";
import { refusalOf, spend, type Expense } from "../limits/spend.ts";
import { TokenBucket } from "../limits/token-bucket.ts";
import type { Channel } from "./channel.ts";
import { ChannelPlaces, type Taking } from "./channel-places.ts";
import type { Actor } from "./channel-policy.ts";
import type { CheckedPolicyLimits, PublicationRates } from "./policy-limits.ts";

/** What the channels of one policy have taken of what they may. */
export class PolicyUsage {
  readonly #limits: CheckedPolicyLimits;
  readonly #clock: Clock;
  readonly #all: PublicationBuckets;
  readonly #users = new PerKey<PublicationBuckets>();
  readonly #places: ChannelPlaces;

  constructor(limits: CheckedPolicyLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#all = new PublicationBuckets(limits.all, "of these channels");
    this.#places = new ChannelPlaces(limits.channels, clock);
  }

  /** Counts a publication. Throws `payload-too-large` or `rate-limited`, and counts nothing. */
  publish(actor: Actor, bytes: number): void {
    const { payloadBytes, user } = this.#limits;
    if (bytes > payloadBytes) {
      const text = `payload of ${bytes} bytes exceeds ${payloadBytes} on these channels`;
      throw new SyncError("payload-too-large", text);
    }
    const now = this.#clock.now();
    const expenses = this.#all.expenses(bytes);
    if (actor !== "server") {
      const make = (): PublicationBuckets => new PublicationBuckets(user, "of one user here");
      expenses.push(...this.#users.of(actor.user.id, now, make).expenses(bytes));
    }
    if (refusalOf(expenses, now) === undefined) {
      spend(expenses, now);
      return;
    }
    // Who waits for this waits for what else it needs then, too.
    const own = actor === "server" ? [] : (actor.budget?.publication(bytes) ?? []);
    throw refusalOf([...expenses, ...own], now)!;
  }

  /** Counts a channel that is used from now on. Throws `channel-limit`. */
  use(channel: Channel, taking: Taking): void {
    if (this.#limits.channels !== Infinity) this.#places.take(channel, taking);
  }
}

/** What may be published, in number and in bytes, as far as it is limited. */
class PublicationBuckets {
  readonly #publications: TokenBucket | undefined;
  readonly #bytes: TokenBucket | undefined;
  readonly #whose: string;

  constructor({ publications, publicationBytes }: PublicationRates<Rate>, whose: string) {
    this.#publications = publications && new TokenBucket(publications);
    this.#bytes = publicationBytes && new TokenBucket(publicationBytes);
    this.#whose = whose;
  }

  expenses(bytes: number): Expense[] {
    const expenses: Expense[] = [];
    const whose = this.#whose;
    if (this.#publications !== undefined) {
      expenses.push({ bucket: this.#publications, amount: 1, what: `publications ${whose}` });
    }
    if (this.#bytes !== undefined) {
      expenses.push({ bucket: this.#bytes, amount: bytes, what: `bytes of publications ${whose}` });
    }
    return expenses;
  }

  isFull(now: number): boolean {
    return [this.#publications, this.#bytes].every((each) => each?.isFull(now) !== false);
  }
}
