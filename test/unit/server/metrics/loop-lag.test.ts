import assert from "node:assert/strict";
import { LoopLag } from "../../../../server/metrics/loop-lag.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const BLOCKED_MS = 100;

function block(): void {
  const until = performance.now() + BLOCKED_MS;
  while (performance.now() < until);
}

describe("LoopLag", () => {
  it("sees a loop that is blocked time and again", async () => {
    const lag = new LoopLag();
    lag.start();
    let worst = 0;
    let turn = 0;
    await waitUntil(() => {
      block();
      turn += 1;
      // The first look behind a `take` is compared with nothing.
      if (turn % 5 === 0) worst = Math.max(worst, lag.take().max);
      return worst > 0;
    });
    lag.stop();
    assert.ok(worst >= BLOCKED_MS / 4_000, `${worst} s`);
  });

  it("is 0 before it has looked", () => {
    assert.deepEqual(new LoopLag().take(), { median: 0, p99: 0, max: 0 });
  });
});
