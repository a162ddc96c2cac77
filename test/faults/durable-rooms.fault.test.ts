import assert from "node:assert/strict";
import { useSeededRandom } from "../support/seeded-random.ts";
import { tryBlockedLoop } from "./trials/blocked-loop.ts";
import { tryClockJumps } from "./trials/clock-jumps.ts";
import { tryFailingStore } from "./trials/failing-store.ts";
import { tryFullDisk } from "./trials/full-disk.ts";
import { tryKilledRooms } from "./trials/killed-rooms.ts";
import { tryReconnectStorm } from "./trials/reconnect-storm.ts";
import { tryRollingRestart } from "./trials/rolling-restart.ts";

// The short forms of what `npm run test:faults -- --long` does.
const TRIALS = {
  "lose, double and reorder nothing by kill -9, and give everybody the seat of before":
    tryKilledRooms,
  "lose no tick by a deploy, whose process exits with 0": tryRollingRestart,
  "take 200 clients back that were cut in one moment": tryReconnectStorm,
  "are there once each after the loop was blocked, and let newcomers in": tryBlockedLoop,
  "lose nothing when the clock jumps by hours": tryClockJumps,
  "run on while the store fails, say so, and save everything afterwards": tryFailingStore,
  "lose nothing that was acknowledged on a disk that got full": tryFullDisk,
};

describe("durable rooms in a process of their own", function () {
  this.timeout(180_000);
  const random = useSeededRandom();

  for (const [promise, run] of Object.entries(TRIALS)) {
    it(promise, async () => {
      const { broken } = await run({ random: random(), seconds: 0, isLong: false });
      assert.deepEqual(broken, []);
    });
  }
});
