import express from "express";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const SITE_FOLDER = join(import.meta.dirname, "../dist/site");

/** Names what was built: the pages hold the names of their assets, which hold their hashes. */
export function nameBuild(): string {
  const hash = createHash("sha256");
  for (const page of globSync("**/*.html", { cwd: SITE_FOLDER }).toSorted()) {
    hash.update(readFileSync(join(SITE_FOLDER, page)));
  }
  return hash.digest("base64url").slice(0, 16);
}

/**
 * What the pages may load and run: their own files. A name or a message that got into a page as
 * markup would run nothing. Pixi makes functions of texts, and pictures of blobs.
 */
const CONTENT_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-eval'",
  "worker-src 'self' blob:",
  "img-src 'self' data: blob:",
  "connect-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join("; ");

/** Serves the built pages. */
export function serveSite(folder = SITE_FOLDER): express.Express {
  const site = express();
  site.disable("x-powered-by");
  site.use((_request, response, next) => {
    response.setHeader("Content-Security-Policy", CONTENT_POLICY);
    response.setHeader("X-Content-Type-Options", "nosniff");
    next();
  });
  // The name of an asset holds a hash of its contents; a page's does not.
  site.use("/assets", express.static(join(folder, "assets"), { immutable: true, maxAge: "1y" }));
  site.use(express.static(folder, { cacheControl: false, setHeaders: askEachTime }));
  site.use((_request, response) => {
    response.status(404).type("text").send("There is no such page here.\n");
  });
  return site;
}

function askEachTime(response: express.Response): void {
  response.setHeader("Cache-Control", "no-cache");
}
