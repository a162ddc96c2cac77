import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";

const SECRET_BYTES = 32;

/**
 * The secret kept in a file that only its owner can read; made there on the first call.
 * Processes that start at once get the same one, and one that dies leaves no half of it.
 */
export async function loadSecretFile(path: string): Promise<Uint8Array> {
  await mkdir(dirname(path), { recursive: true });
  if (!(await exists(path))) await makeSecretFile(path);
  return Buffer.from(await readFile(path, "utf8"), "base64url");
}

/** Writes a new secret aside and then gives it its name, unless another process was first. */
async function makeSecretFile(path: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(randomBytes(SECRET_BYTES).toString("base64url"));
    await file.sync();
    // Fails when the name is taken, and shows the file to others only with all that is in it.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await readFile(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return false;
  }
}
