import assert from "node:assert/strict";
import { observeImport } from "../support/observe-import.ts";

const NOTHING = { calls: [], globals: [], processListeners: [], openHandles: [], printed: "" };

describe("importing an entry opens, starts, registers and prints nothing", () => {
  for (const entry of [
    "client/index.ts",
    "client/react/index.ts",
    "client/devvit/index.ts",
    "server/devvit/index.ts",
    "client/aerostack/index.ts",
    "server/aerostack/index.ts",
    "client/patterns/index.ts",
    "server/patterns/index.ts",
    "server/index.ts",
    "shared/index.ts",
  ]) {
    it(`imports ${entry} into a process that then ends by itself`, async () => {
      const module = new URL(`../../${entry}`, import.meta.url);
      assert.deepEqual(await observeImport(module), NOTHING);
    });
  }
});
