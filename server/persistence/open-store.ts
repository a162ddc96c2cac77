import { mkdir, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { SyncError } from "../../shared/errors.ts";
import { isDurability, type Durability } from "./durability.ts";
import { MemoryStore } from "./memory-store.ts";
import type { StoreOptions } from "./store-options.ts";
import type { Store } from "./store.ts";

/**
 * Opens the store that a URL names:
 * - `memory:` keeps everything in this process;
 * - `sqlite:data/atrium.db` keeps it in that file, below the working folder or at an absolute
 *   path, which is made, with its folder, when it is not there. `?durability=power-loss`
 *   behind it makes every write wait for the disk; see `Durability`.
 *
 * Rejects with a `TypeError` for any other URL, and with `store-unavailable` when the file
 * cannot be used.
 */
export async function openStore(url: string, options: StoreOptions): Promise<Store> {
  const colon = url.indexOf(":");
  const scheme = url.slice(0, Math.max(colon, 0));
  const path = url.slice(colon + 1);
  if (scheme === "memory" && path === "") return new MemoryStore(options);
  if (scheme === "sqlite" && path !== "") return openSqliteUrl(path, options);
  // A URL of another scheme may hold a password: only its scheme is shown.
  const shown = colon < 0 || scheme === "memory" || scheme === "sqlite" ? url : `${scheme}:`;
  throw new TypeError(`store "${shown}" is neither "memory:" nor "sqlite:" and a path`);
}

/** Of a path's own question marks only the last counts, and only with this word behind it. */
const DURABILITY = /\?durability=([^?]*)$/;

async function openSqliteUrl(rest: string, options: StoreOptions): Promise<Store> {
  const [query = "", durability = "process-crash"] = DURABILITY.exec(rest) ?? [];
  if (!isDurability(durability)) {
    const known = '"process-crash" nor "power-loss"';
    throw new TypeError(`durability "${durability}" of store "sqlite:${rest}" is neither ${known}`);
  }
  const path = resolve(rest.slice(0, rest.length - query.length));
  return openSqliteStore(path, durability, options);
}

async function openSqliteStore(
  path: string,
  durability: Durability,
  options: StoreOptions,
): Promise<Store> {
  try {
    await mkdir(dirname(path), { recursive: true });
    // SQLite makes files that everybody can read, and gives those beside it the same rights.
    await (await open(path, "a", 0o600)).close();
  } catch (cause) {
    throw new SyncError("store-unavailable", `store "${path}" cannot be made`, { cause });
  }
  // Only who opens a SQLite store loads the driver.
  const { SqliteStore } = await import("./sqlite-store.ts");
  return new SqliteStore(path, { ...options, durability });
}
