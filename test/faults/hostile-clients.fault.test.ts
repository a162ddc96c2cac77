import assert from "node:assert/strict";
import { useSeededRandom } from "../support/seeded-random.ts";
import { tryFloods } from "./trials/floods.ts";
import { tryMalformedFrames } from "./trials/malformed-frames.ts";
import { trySlowReader } from "./trials/slow-reader.ts";
import { trySoak } from "./trials/soak.ts";
import { tryStalledReader } from "./trials/stalled-reader.ts";

// The short forms of what `npm run test:faults -- --long` does.
const TRIALS = {
  "holds no more than its cap for a reader that stalls, and others are not cut": tryStalledReader,
  "never cuts a slow reader, which has the server's state afterwards": trySlowReader,
  "survives 20,000 mutated frames and 500 mutated upgrades, of which others miss nothing":
    tryMalformedFrames,
  "cuts whoever floods it, and nobody else": tryFloods,
  "holds on to nothing of those who came and left": trySoak,
};

describe("a server in a process of its own", function () {
  this.timeout(180_000);
  const random = useSeededRandom();

  for (const [promise, run] of Object.entries(TRIALS)) {
    it(promise, async () => {
      const { broken } = await run({ random: random(), seconds: 0, isLong: false });
      assert.deepEqual(broken, []);
    });
  }
});
