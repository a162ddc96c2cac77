import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY_FOLDER } from "./run-command.ts";

/** One entry of the package: which file each condition leads to, from `dist` on. */
export interface PackageEntry {
  /** As it is imported, such as "atrium/server". */
  readonly name: string;
  readonly conditions: Readonly<Record<string, string>>;
}

/** The entries that can be imported, as package.json has them. */
export function packageEntries(): PackageEntry[] {
  const text = readFileSync(join(REPOSITORY_FOLDER, "package.json"), "utf8");
  const { exports } = JSON.parse(text) as { exports: Record<string, string | object> };
  return Object.entries(exports).flatMap(([path, entry]) =>
    typeof entry === "string"
      ? []
      : [{ name: path.replace(".", "atrium"), conditions: entry as Record<string, string> }],
  );
}

/** The source behind a file of `dist`. */
export function sourceOf(file: string): URL {
  const path = file.replace("./dist/", "").replace(/\.js$/, ".ts");
  return new URL(`../../${path}`, import.meta.url);
}
