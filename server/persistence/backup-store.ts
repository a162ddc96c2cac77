import { open, rename, rm, stat } from "node:fs/promises";
import { SyncError } from "../../shared/errors.ts";

/**
 * Copies the file of a SQLite store as of one moment, while servers go on using it, to a path
 * where nothing is yet. The copy is complete, checked and on the disk when this resolves; until
 * then it has another name. Rejects with `store-unavailable`, and leaves nothing behind.
 */
export async function backupStore(file: string, copy: string): Promise<void> {
  const partial = `${copy}.partial`;
  try {
    if (!(await stat(file)).isFile()) throw new Error("it is no file");
    // Made here, so that nobody else can read it; and SQLite copies into nothing else.
    await (await open(copy, "wx", 0o600)).close();
    await (await open(partial, "w", 0o600)).close();
  } catch (cause) {
    throw notCopied(file, copy, cause);
  }
  try {
    await copyInto(file, partial);
    await rename(partial, copy);
  } catch (cause) {
    for (const path of [partial, copy]) await rm(path, { force: true });
    throw notCopied(file, copy, cause);
  }
}

async function copyInto(file: string, partial: string): Promise<void> {
  // Only who copies a SQLite store loads the driver.
  const { copyDatabase } = await import("./sqlite-copy.ts");
  copyDatabase(file, partial);
  const handle = await open(partial, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function notCopied(file: string, copy: string, cause: unknown): SyncError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const text = `store "${file}" cannot be copied to "${copy}": ${reason}`;
  return new SyncError("store-unavailable", text, { cause });
}
