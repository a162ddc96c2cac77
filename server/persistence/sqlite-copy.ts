import { DatabaseSync } from "node:sqlite";
import { STORE_BUSY_TIMEOUT_MS } from "../../shared/limits.ts";
import { requireStoreFile } from "./sqlite-schema.ts";

/** Copies what a store's file holds at one moment into an empty file, and checks the copy. */
export function copyDatabase(file: string, copy: string): void {
  using db = new DatabaseSync(file, { timeout: STORE_BUSY_TIMEOUT_MS });
  requireStoreFile(db, file);
  db.prepare("VACUUM INTO ?").run(copy);
  using copied = new DatabaseSync(copy, { readOnly: true });
  const found = copied.prepare("PRAGMA integrity_check").get()?.["integrity_check"];
  if (found !== "ok") throw new Error(`the copy is damaged: ${String(found)}`);
}
