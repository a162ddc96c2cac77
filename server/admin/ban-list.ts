import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { MAX_BANS } from "../../shared/limits.ts";

/** Somebody who is not let in. Times in milliseconds since the Unix epoch. */
export interface Ban {
  readonly userId: string;
  readonly reason: string;
  readonly at: number;
  /** Absent: for ever. */
  readonly until?: number;
}

/**
 * Who is not let in: kept in a folder, one file for each user, so that it outlives the process.
 * Processes that share the folder read what others wrote when they start.
 */
export class BanList {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #bans = new Map<string, Ban>();

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Reads the folder; a file that is not a ban makes it reject: nobody is let in by mistake. */
  async load(): Promise<void> {
    for (const name of await this.#fileNames()) {
      const path = join(this.#folder, name);
      const ban = parseBan(await readFile(path, "utf8"));
      if (ban === undefined) throw new SyncError("state-malformed", `"${path}" is not a ban`);
      this.#bans.set(ban.userId, ban);
    }
  }

  find(userId: string): Ban | undefined {
    const ban = this.#bans.get(userId);
    return ban !== undefined && this.#isOver(ban) ? undefined : ban;
  }

  /** Those that count now, the newest last. */
  list(): Ban[] {
    return [...this.#bans.values()].filter((ban) => !this.#isOver(ban));
  }

  /** Counts at once; resolves when it is on the disk. Throws `not-allowed` when there are too many. */
  async add(ban: Ban): Promise<void> {
    for (const each of this.#bans.values()) if (this.#isOver(each)) await this.remove(each.userId);
    if (this.#bans.size >= MAX_BANS && !this.#bans.has(ban.userId)) {
      throw new SyncError("not-allowed", `there are ${MAX_BANS} bans already`);
    }
    this.#bans.delete(ban.userId);
    this.#bans.set(ban.userId, ban);
    await this.#onDisk(async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const draft = join(this.#folder, `${randomUUID()}.draft`);
      await writeFile(draft, JSON.stringify(ban), { mode: 0o600, flush: true });
      await rename(draft, this.#pathOf(ban.userId));
    });
  }

  /** Whether there was one. Resolves when it is gone from the disk as well. */
  async remove(userId: string): Promise<boolean> {
    const hadOne = this.#bans.delete(userId);
    await this.#onDisk(() => rm(this.#pathOf(userId), { force: true }));
    return hadOne;
  }

  #isOver({ until = Infinity }: Ban): boolean {
    return until <= this.#clock.now();
  }

  /** A user id may be anything, a file name may not. */
  #pathOf(userId: string): string {
    return join(this.#folder, `${createHash("sha256").update(userId).digest("hex")}.json`);
  }

  async #fileNames(): Promise<string[]> {
    try {
      const names = await readdir(this.#folder);
      return names.filter((name) => name.endsWith(".json"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  async #onDisk(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const text = "it counts until this process ends, and could not be written down";
      throw new SyncError("store-unavailable", text, { cause });
    }
  }
}

function parseBan(text: string): Ban | undefined {
  try {
    const ban = JSON.parse(text) as Partial<Ban> | null;
    const isBan =
      typeof ban?.userId === "string" &&
      typeof ban.reason === "string" &&
      typeof ban.at === "number" &&
      (ban.until === undefined || typeof ban.until === "number");
    return isBan ? (ban as Ban) : undefined;
  } catch {
    return undefined;
  }
}
