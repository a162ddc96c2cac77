import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { join } from "node:path";
import { serveSite } from "../../examples/site.ts";
import { startTestServer } from "../support/start-test-server.ts";

const REPOSITORY_FOLDER = join(import.meta.dirname, "../..");

/** What makes markup of a text, or code. */
const MARKUP = /\.(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML/;

describe("threat: a name or a message that is markup", () => {
  it("is shown as the text that it is: no page of ours makes markup of a text", async () => {
    const patterns = ["client/**/*.{ts,tsx}", "examples/**/*.{ts,tsx,html}"];
    const files = globSync(patterns, { cwd: REPOSITORY_FOLDER });
    assert.ok(files.length > 50);
    for (const file of files) {
      const text = await readFile(join(REPOSITORY_FOLDER, file), "utf8");
      assert.doesNotMatch(text, MARKUP, file);
    }
  });

  it("would run nothing in the gallery, whose pages run scripts of their own only", async () => {
    await using server = await startTestServer({ rooms: {}, http: serveSite() });
    for (const path of ["/", "/mini-place/", "/not-there"]) {
      const { headers } = await fetch(server.httpUrl + path);
      const policy = headers.get("content-security-policy") ?? "";
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? "";
      assert.match(scripts, /^'self'/);
      assert.doesNotMatch(scripts, /unsafe-inline|\*|https?:|data:/);
      assert.match(policy, /object-src 'none'/);
      assert.match(policy, /base-uri 'none'/);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
    }
  });
});
