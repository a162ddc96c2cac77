import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { requireNode } from "../../../server/node-version.ts";

describe("requireNode", () => {
  it("says which Node.js is needed and which one this is", () => {
    for (const version of ["20.20.2", "22.12.0", "4.9.1"]) {
      assert.throws(() => requireNode(version), {
        message: `Atrium needs Node.js 22.13 or later; this is Node.js ${version}`,
      });
    }
  });

  it("lets every later one pass", () => {
    for (const version of ["22.13.0", "22.20.1", "23.0.0", "24.21.0", "30.1.0-nightly"]) {
      requireNode(version);
    }
    requireNode();
  });

  it("agrees with the engines of package.json", async () => {
    const text = await readFile(new URL("../../../package.json", import.meta.url), "utf8");
    const { engines } = JSON.parse(text) as { engines: { node: string } };
    assert.equal(engines.node, ">=22.13");
  });
});
