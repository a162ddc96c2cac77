import type { Clock } from "../../shared/clock.ts";
import type { Logger } from "../logger.ts";

/** What every store is built with. */
export interface StoreOptions {
  /** Tells the age of messages. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** Messages of one topic that are kept; default `MAX_STORED_MESSAGES`. */
  readonly maxMessages?: number;
  /** How long messages are kept; default `MAX_STORED_AGE_MS`. */
  readonly maxAgeMs?: number;
}
