import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { STORE_SWEEP_INTERVAL_MS } from "../../shared/limits.ts";
import { GroupCommit } from "./group-commit.ts";
import type { StoreOptions } from "./store-options.ts";

/**
 * How the parts of a store use its one connection: reads at once, writes in groups. Now and
 * then a write sweeps: it deletes some of what is too old.
 */
export class SqliteAccess {
  readonly db: DatabaseSync;
  readonly #clock: Clock;
  readonly #commits: GroupCommit;
  readonly #sweeps: (() => boolean)[] = [];
  #sweepAt = 0;
  #isClosed = false;

  constructor(
    db: DatabaseSync,
    { clock, logger }: Pick<StoreOptions, "clock" | "logger">,
    onCommit: (byteLength: number) => void,
  ) {
    this.db = db;
    this.#clock = clock;
    this.#commits = new GroupCommit(db, clock, logger, onCommit);
  }

  /** `sweep` deletes a bounded number of rows, and returns whether none are left. */
  addSweep(sweep: () => boolean): void {
    this.#sweeps.push(sweep);
  }

  /** Runs `work` in the next transaction; see `GroupCommit`. Throws `closed`. */
  write<Result>(byteLength: number, work: () => Result): Promise<Result> {
    this.checkOpen();
    return this.commit(byteLength, work);
  }

  /** The same for what was begun before the store was closed. */
  commit<Result>(byteLength: number, work: () => Result): Promise<Result> {
    return this.#commits.write(byteLength, () => {
      this.#sweep();
      return work();
    });
  }

  /** Throws `closed`, or `store-unavailable` for what SQLite cannot do. */
  read<Result>(work: () => Result): Result {
    this.checkOpen();
    try {
      return work();
    } catch (cause) {
      if (cause instanceof SyncError) throw cause;
      throw new SyncError("store-unavailable", "the store cannot be read", { cause });
    }
  }

  checkOpen(): void {
    if (this.#isClosed) throw new SyncError("closed", "the store is closed");
  }

  /** Refuses everything but `commit` from now on. */
  refuse(): void {
    this.#isClosed = true;
  }

  /** Resolves when everything so far was written. */
  async drain(): Promise<void> {
    // Commits come in order: this one is behind all others. Whether it succeeds or not is
    // of no interest; those that fail are told.
    await this.#commits.write(0, () => {}).catch(() => {});
  }

  #sweep(): void {
    const now = this.#clock.now();
    if (now < this.#sweepAt) return;
    const areDone = this.#sweeps.map((sweep) => sweep());
    // Some may be left: the next write goes on.
    if (areDone.every(Boolean)) this.#sweepAt = now + STORE_SWEEP_INTERVAL_MS;
  }
}
