import assert from "node:assert/strict";
import { systemClock } from "../../../shared/system-clock.ts";

describe("systemClock", () => {
  it("tells the time of day", () => {
    const before = Date.now();
    const now = systemClock.now();
    assert.ok(now >= before && now <= Date.now());
  });

  it("runs what is scheduled, once and not before the call returns", async () => {
    const calls: string[] = [];
    await new Promise<void>((resolve) => {
      systemClock.schedule(0, () => {
        calls.push("ran");
        resolve();
      });
      calls.push("scheduled");
    });
    assert.deepEqual(calls, ["scheduled", "ran"]);
  });

  it("does not run what was cancelled, and takes a second cancel calmly", async () => {
    const cancel = systemClock.schedule(0, () => assert.fail("it ran"));
    cancel();
    cancel();
    await new Promise<void>((resolve) => systemClock.schedule(1, resolve));
  });
});
