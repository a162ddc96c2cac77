import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY_FOLDER } from "./run-command.ts";

const TITLE = /\bit\(\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/gs;

export interface TestTitle {
  readonly title: string;
  /** From the top of the repository. */
  readonly file: string;
}

/** The titles of all tests, as they are written: a `${…}` stays one. */
export function testTitles(): TestTitle[] {
  return globSync("test/**/*.test.ts", { cwd: REPOSITORY_FOLDER }).flatMap((file) => {
    const text = readFileSync(join(REPOSITORY_FOLDER, file), "utf8");
    return [...text.matchAll(TITLE)].map(([, , title = ""]) => ({ title, file }));
  });
}
