import { accessSync, constants, globSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where Debian keeps programs that are not on everybody's PATH. */
const DEBIAN_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/lib/postgresql/*/bin"];

/**
 * The path of the first of `names` that this machine can run, or undefined. An environment
 * variable of the name (`CHROMIUM`, `REDIS_SERVER`) that holds a path wins.
 */
export function findExecutable(...names: string[]): string | undefined {
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    ...DEBIAN_FOLDERS.flatMap((pattern) => globSync(pattern)),
  ];
  const chosen = names.map((name) => process.env[name.toUpperCase().replaceAll("-", "_")]);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...chosen, ...found].find((path) => path !== undefined && isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
