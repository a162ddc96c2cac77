import { enableCompileCache, flushCompileCache } from "node:module";
import { join } from "node:path";

/**
 * Loaded by Mocha before any test: what one process of a run has compiled, the processes that it
 * starts and those of later runs need not compile again. A server starts in half the time.
 */
const FOLDER = join(import.meta.dirname, "../../.cache/compiled");

process.env["NODE_COMPILE_CACHE"] ??= FOLDER;
enableCompileCache(process.env["NODE_COMPILE_CACHE"]);

export const mochaHooks = {
  /** At the end of each file: a process would write it at its own end only. */
  afterAll(): void {
    flushCompileCache();
  },
};
