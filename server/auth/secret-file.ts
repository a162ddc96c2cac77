import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";

const SECRET_BYTES = 32;

/**
 * The secret kept in a file that only its owner can read; made there on the first call.
 * Two processes that start at once get the same one.
 */
export async function loadSecretFile(path: string): Promise<Uint8Array> {
  await mkdir(dirname(path), { recursive: true });
  try {
    // "wx" fails when the file exists: the process that comes second reads the first's.
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(randomBytes(SECRET_BYTES).toString("base64url"));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return Buffer.from(await readFile(path, "utf8"), "base64url");
}
