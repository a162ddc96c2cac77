import type { Clock } from "../../shared/clock.ts";
import type { RetentionLimits } from "../limits/server-limits.ts";
import type { Logger } from "../logger.ts";

/** What every store is built with. */
export interface StoreOptions {
  /** Tells the age of messages, and when leases end. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** Messages of one topic that are kept; default `MAX_STORED_MESSAGES`. */
  readonly maxMessages?: number;
  /** How long messages and entries of audit logs are kept; default `MAX_STORED_AGE_MS`. */
  readonly maxAgeMs?: number;
  /** What is kept less of one topic's messages than of all others'. */
  readonly retentionOf?: (topic: string) => Partial<RetentionLimits>;
  /** Entries of one room's audit log that are kept; default `MAX_AUDIT_ENTRIES`. */
  readonly maxAuditEntries?: number;
  /**
   * A module that exports `compactRoom`, see `CompactRoom`, which this process can import.
   * Absent: rooms are never compacted.
   */
  readonly compactRoomUrl?: URL;
}
