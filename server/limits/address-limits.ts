import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { ConnectionCounts } from "./connection-counts.ts";
import { networkOf } from "../transport/peer-address.ts";
import { PerKey } from "./per-key.ts";
import type { Rate } from "./rate.ts";
import type { ServerLimits } from "./server-limits.ts";
import { TokenBucket } from "./token-bucket.ts";

/** When somebody whose address is full may try again. */
const FULL_RETRY_MS = 10_000;

/**
 * What may come from each address: connections, requests for seats, and attempts that fail.
 * Where an address is not known, as on a connection that is gone, nothing is limited.
 */
export class AddressLimits {
  readonly #limits: ServerLimits["address"];
  readonly #clock: Clock;
  readonly #joins = new PerKey<TokenBucket>();
  readonly #failures = new PerKey<TokenBucket>();
  /** Members, or those who are about to be. */
  readonly connections: ConnectionCounts;

  constructor(limits: ServerLimits["address"], clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.connections = new ConnectionCounts(limits.connections);
  }

  /** Counts a request for a seat. Throws `rate-limited` for one too many, or for no place. */
  join(address: string | undefined): void {
    if (address === undefined) return;
    if (!this.connections.hasPlace(address)) {
      const text = `more than ${this.connections.max} connections from one address`;
      throw new SyncError("rate-limited", text, { retryAfterMs: FULL_RETRY_MS });
    }
    const { joins } = this.#limits;
    const bucket = this.#bucket(this.#joins, address, joins);
    this.#refuse(bucket, `more than ${joins.perSecond} joins a second from one address`);
    bucket.take(this.#clock.now());
  }

  /** Throws `rate-limited` where too many attempts have failed for another one to be looked at. */
  checkAttempt(address: string | undefined): void {
    if (address === undefined) return;
    const bucket = this.#bucket(this.#failures, address, this.#limits.failures);
    this.#refuse(bucket, "too many failed attempts from one address");
  }

  /** Somebody showed a token, a key or a seat that is no good. */
  noteFailure(address: string | undefined): void {
    if (address === undefined) return;
    const bucket = this.#bucket(this.#failures, address, this.#limits.failures);
    // Nothing is owed: those who share the address wait no longer because of it.
    if (bucket.waitMs(this.#clock.now()) === 0) bucket.take(this.#clock.now());
  }

  #bucket(buckets: PerKey<TokenBucket>, address: string, rate: Rate): TokenBucket {
    return buckets.of(networkOf(address), this.#clock.now(), () => new TokenBucket(rate));
  }

  #refuse(bucket: TokenBucket, text: string): void {
    const retryAfterMs = bucket.waitMs(this.#clock.now());
    if (retryAfterMs > 0) throw new SyncError("rate-limited", text, { retryAfterMs });
  }
}
