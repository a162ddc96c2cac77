import { copyFile, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { REPOSITORY_FOLDER } from "./run-command.ts";

/** The text with the package's entries named by the files that a checkout has in their place. */
export function withSourceEntries(text: string): string {
  return text.replaceAll(/(?<=from )"atrium\/([^"]+)"/g, (_match, entry: string) =>
    JSON.stringify(join(REPOSITORY_FOLDER, entry, "index.ts")),
  );
}

/**
 * Puts a program that imports `atrium/…` where Node can run it, with the files beside it that
 * it names. Returns its path.
 */
export async function stageProgram(folder: string, file: string): Promise<string> {
  const text = await readFile(file, "utf8");
  for (const [, beside = ""] of text.matchAll(/from "\.\/([^"]+)"/g)) {
    await copyFile(join(dirname(file), beside), join(folder, beside));
  }
  const staged = join(folder, basename(file));
  await writeFile(staged, withSourceEntries(text));
  return staged;
}
