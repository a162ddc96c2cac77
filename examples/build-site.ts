import { globSync } from "node:fs";
import { join } from "node:path";
import { build, type InlineConfig } from "vite";
import { SITE_FOLDER } from "./site.ts";

// Not below node_modules, which `node --watch` watches: Vite would restart its own process.
const CACHE_FOLDER = join(import.meta.dirname, "../.cache/vite");

/** How Vite reads the pages: each folder with an `index.html` is one. */
export function pagesConfig(folder = SITE_FOLDER): InlineConfig {
  return {
    root: import.meta.dirname,
    configFile: false,
    publicDir: false,
    cacheDir: CACHE_FOLDER,
    logLevel: "warn",
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "es2023",
      // Pixi alone is larger than the size that Vite warns about.
      chunkSizeWarningLimit: 1_000,
      rolldownOptions: {
        // A page that does not check payloads needs nothing of what describes them.
        treeshake: { manualPureFunctions: ["z"] },
        // Absolute, because the dev server's dependency scan does not find relative ones.
        input: globSync("**/index.html", { cwd: import.meta.dirname }).map((page) =>
          join(import.meta.dirname, page),
        ),
      },
    },
  };
}

/** Builds every page into the folder: `dist/site`, unless it is given. */
export async function buildSite(folder = SITE_FOLDER): Promise<void> {
  await build(pagesConfig(folder));
}
