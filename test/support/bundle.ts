import { join } from "node:path";
import { build, type Rolldown } from "vite";
import { REPOSITORY_FOLDER } from "./run-command.ts";

/** Which build of React a bundle holds: only the development one mounts twice in StrictMode. */
export type ReactMode = "development" | "production";

/** Entries of the package by the name that its users know, as `test/tsconfig.json` has them. */
const PACKAGE_NAMES = [
  { find: /^atrium\/testing$/, replacement: join(REPOSITORY_FOLDER, "server/testing/index.ts") },
  { find: /^atrium\/(.+)$/, replacement: join(REPOSITORY_FOLDER, "$1/index.ts") },
];

/** One script for a page, of an entry (`.ts` or `.tsx`) with all that it imports. */
export async function bundleScript(
  entry: string,
  react: ReactMode = "development",
): Promise<string> {
  const [result] = (await build({
    root: import.meta.dirname,
    configFile: false,
    publicDir: false,
    logLevel: "error",
    mode: react,
    // A library's bundle keeps this name, which no page has.
    define: { "process.env.NODE_ENV": JSON.stringify(react) },
    oxc: { jsx: { runtime: "automatic", development: react === "development" } },
    resolve: { alias: PACKAGE_NAMES },
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ["iife"], name: "page" },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput[];
  const script = result?.output[0];
  if (script?.type !== "chunk") throw new Error(`no script came of ${entry}`);
  return script.code;
}
