import assert from "node:assert/strict";
import { runCommand } from "../support/run-command.ts";

const NEEDS = "test/support/needs.ts";

describe("npm test, before its first test", () => {
  it("says nothing when every program that a test starts is there", async () => {
    assert.equal(await runCommand(process.execPath, [NEEDS]), "");
  });

  it("names what is missing and how to get it, and exits with 1, where it cannot install", async () => {
    // Without a PATH there is neither Chromium nor apt.
    const run = runCommand(process.execPath, [NEEDS], { env: { PATH: "nowhere" } });
    await assert.rejects(run, (error: Error) => {
      assert.equal((error.cause as { code: number }).code, 1);
      assert.match(error.message, /^Missing: chromium, which test\/browser starts\.$/m);
      assert.match(error.message, /: sudo apt-get install .*chromium/);
      return true;
    });
  });
});
