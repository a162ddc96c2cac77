#!/usr/bin/env node
import { parse } from "node:path";
import { backupStore } from "./backup-store.ts";

// `npm run backup -- <file> [<copy>]`: a copy of a store, while servers use it.
const [, , file, copy = file && datedCopy(file)] = process.argv;

if (file === undefined || copy === undefined) {
  process.stderr.write("usage: npm run backup -- <file of the store> [<file of the copy>]\n");
  process.exitCode = 2;
} else {
  try {
    await backupStore(file, copy);
    process.stdout.write(`${copy}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** Beside the original, named after the second of its making. */
function datedCopy(original: string): string {
  const { dir, name, ext } = parse(original);
  const second = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `${dir === "" ? "." : dir}/${name}-${second}${ext}`;
}
