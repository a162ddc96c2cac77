import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import {
  MAX_COMMIT_BYTES,
  STORE_BUSY_RETRY_MS,
  STORE_BUSY_TIMEOUT_MS,
} from "../../shared/limits.ts";
import type { Logger } from "../logger.ts";

interface PendingWrite {
  readonly byteLength: number;
  /** Runs the write; returns what tells its caller, once it is committed. */
  readonly run: () => () => void;
  readonly fail: (error: SyncError) => void;
}

const SQLITE_BUSY = 5;
/** A small write takes about as long as this much data in a large one. */
const WRITE_OVERHEAD_BYTES = 4_096;

/**
 * Writes of one turn of the event loop go into one transaction, in the order of the calls:
 * they succeed together, and when the transaction fails they are rejected together with
 * `store-unavailable` and have changed nothing. What a write refuses with a `SyncError`,
 * before it has changed anything, is its own affair.
 *
 * A turn writes at most `MAX_COMMIT_BYTES`; the rest follows in the next. While another
 * process writes to the file, writes wait for up to `STORE_BUSY_TIMEOUT_MS` without holding
 * up the event loop.
 */
export class GroupCommit {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #onCommit: (byteLength: number) => void;
  readonly #pending: PendingWrite[] = [];
  #isScheduled = false;
  #busySince: number | undefined;

  /** `onCommit` is told what each transaction has written, about. */
  constructor(
    db: DatabaseSync,
    clock: Clock,
    logger: Logger,
    onCommit: (byteLength: number) => void = () => {},
  ) {
    this.#onCommit = onCommit;
    this.#clock = clock;
    this.#logger = logger;
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#rollback = db.prepare("ROLLBACK");
  }

  /** Runs `write` in the next transaction; resolves with its result when that is committed. */
  write<Result>(byteLength: number, write: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      const run = (): (() => void) => {
        try {
          const result = write();
          return () => resolve(result);
        } catch (error) {
          if (error instanceof SyncError) return () => reject(error);
          throw error;
        }
      };
      this.#pending.push({ byteLength, run, fail: reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    const group = this.#pending.slice(0, this.#countNext());
    let settlements: (() => void)[];
    try {
      settlements = this.#transact(group);
    } catch (error) {
      if (this.#waits(error)) return;
      settlements = this.#fail(group, error);
    }
    this.#busySince = undefined;
    this.#isScheduled = false;
    this.#pending.splice(0, group.length);
    for (const settle of settlements) settle();
    this.#onCommit(group.reduce((sum, each) => sum + each.byteLength + WRITE_OVERHEAD_BYTES, 0));
    if (this.#pending.length > 0) this.#schedule();
  }

  /** How many of the pending writes fit in one transaction: at least one. */
  #countNext(): number {
    let bytes = 0;
    const next = this.#pending.findIndex(({ byteLength }) => {
      const isFull = bytes >= MAX_COMMIT_BYTES;
      bytes += byteLength + WRITE_OVERHEAD_BYTES;
      return isFull;
    });
    return next < 0 ? this.#pending.length : next;
  }

  #transact(group: readonly PendingWrite[]): (() => void)[] {
    this.#begin.run();
    try {
      const settlements = group.map(({ run }) => run());
      this.#commit.run();
      return settlements;
    } catch (error) {
      try {
        this.#rollback.run();
      } catch {
        // SQLite has rolled back by itself, as it does when the disk is full.
      }
      throw error;
    }
  }

  /** Whether the group stays where it is, to be tried again in a moment. */
  #waits(error: unknown): boolean {
    const { errcode = 0 } = error as { errcode?: number };
    if ((errcode & 0xff) !== SQLITE_BUSY) return false;
    const now = this.#clock.now();
    this.#busySince ??= now;
    if (now - this.#busySince >= STORE_BUSY_TIMEOUT_MS) return false;
    this.#clock.schedule(STORE_BUSY_RETRY_MS, () => this.#flush());
    return true;
  }

  #fail(group: readonly PendingWrite[], cause: unknown): (() => void)[] {
    this.#logger.error(`the store did not take ${group.length} writes`, cause);
    const error = new SyncError("store-unavailable", "the store cannot be written to", { cause });
    return group.map(
      ({ fail }) =>
        () =>
          fail(error),
    );
  }
}
