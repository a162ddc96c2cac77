import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { REPOSITORY_FOLDER } from "./run-command.ts";

// `npm run bench [-- name … --json]`: runs each test/bench/*.bench.ts whose path contains a
// name, or all, one after the other and each in a process of its own, so that none warms up
// or slows down the next. A bench prints operation, size, number and unit; what begins with
// two dashes is passed on to it.
const names = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const flags = process.argv.slice(2).filter((arg) => arg.startsWith("--"));
const benches = globSync("test/bench/**/*.bench.ts", { cwd: REPOSITORY_FOLDER })
  .filter((path) => names.length === 0 || names.some((name) => path.includes(name)))
  .toSorted((a, b) => a.localeCompare(b));

if (benches.length === 0) {
  process.stderr.write(`No bench in test/bench has ${names.join(" or ") || "a name"} in it.\n`);
  process.exitCode = 1;
}
for (const path of benches) {
  process.stderr.write(`${relative("test/bench", path)}\n`);
  const args = ["--expose-gc", join(REPOSITORY_FOLDER, path), ...flags];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
