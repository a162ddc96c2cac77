import { MAX_STORED_AGE_MS, MAX_STORED_MESSAGES } from "../../shared/limits.ts";
import type { StoreOptions } from "./store-options.ts";

type RetentionOptions = Pick<StoreOptions, "clock" | "maxMessages" | "maxAgeMs" | "retentionOf">;

/** How many messages of a topic are kept, and from when on. */
export class MessageRetention {
  readonly #options: RetentionOptions;
  readonly #maxMessages: number;
  readonly #maxAgeMs: number;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#maxMessages = options.maxMessages ?? MAX_STORED_MESSAGES;
    this.#maxAgeMs = options.maxAgeMs ?? MAX_STORED_AGE_MS;
  }

  maxMessages(topic: string): number {
    const { messages = Infinity } = this.#options.retentionOf?.(topic) ?? {};
    return Math.min(messages, this.#maxMessages);
  }

  /** The topic's messages from before this time are gone. */
  expiryOf(topic: string): number {
    const { ageMs = Infinity } = this.#options.retentionOf?.(topic) ?? {};
    return this.#options.clock.now() - Math.min(ageMs, this.#maxAgeMs);
  }

  /** Whatever is from before this time is gone. */
  get expiry(): number {
    return this.#options.clock.now() - this.#maxAgeMs;
  }
}
