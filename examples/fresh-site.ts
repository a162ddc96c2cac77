import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { SITE_FOLDER } from "./site.ts";

/** What is built out of what; `build` empties the folder `built`. */
export interface Building {
  /** Patterns below `root`. */
  readonly sources: readonly string[];
  readonly root: string;
  readonly built: string;
  readonly build: () => Promise<unknown>;
}

const PAGES: Building = {
  // The last tells which packages are installed.
  sources: ["{client,examples,shared}/**", "node_modules/.package-lock.json"],
  root: join(import.meta.dirname, ".."),
  built: SITE_FOLDER,
  // In a process of its own, with whose end its memory is free.
  build: () =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, "build-site-program.ts")]),
};

/**
 * Builds the pages unless those that are there are made of the sources as they are: a server that
 * is started again is there at once.
 */
export async function freshenSite(building: Building = PAGES): Promise<void> {
  // What begins with a dot is not served.
  const mark = join(building.built, ".built-from");
  const sources = fingerprint(building);
  if (readMark(mark) === sources) return;
  await building.build();
  writeFileSync(mark, sources);
}

/** Other when a file of the sources was changed, added or deleted. */
function fingerprint({ sources, root }: Building): string {
  const hash = createHash("sha256");
  for (const path of globSync(sources, { cwd: root }).toSorted()) {
    const { mtimeMs, size } = statSync(join(root, path));
    hash.update(`${path}\n${mtimeMs}\n${size}\n`);
  }
  return hash.digest("base64url");
}

function readMark(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Nothing was built yet, or not to the end.
    return undefined;
  }
}
