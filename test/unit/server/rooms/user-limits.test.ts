import assert from "node:assert/strict";
import { Cooldowns } from "../../../../server/rooms/user-limits.ts";
import { SyncError } from "../../../../shared/errors.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

/** What `attempt` is refused with. */
function refusalOf(attempt: () => void): SyncError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  return assert.fail("it was not refused");
}

describe("Cooldowns", () => {
  it("lets a user go on who never started one", () => {
    new Cooldowns(new FakeClock()).check("place", "ada");
  });

  it("refuses with the time that is left, and lets go when it is over", () => {
    const clock = new FakeClock();
    const cooldowns = new Cooldowns(clock);
    cooldowns.start("place", "ada", 5_000);
    clock.advanceSync(1_200);
    const { code, retryAfterMs, message } = refusalOf(() => cooldowns.check("place", "ada"));
    assert.equal(code, "cooldown");
    assert.equal(retryAfterMs, 3_800);
    assert.equal(message, '"place" is possible again in 4 s');
    clock.advanceSync(3_799);
    assert.equal(refusalOf(() => cooldowns.check("place", "ada")).retryAfterMs, 1);
    clock.advanceSync(1);
    cooldowns.check("place", "ada");
  });

  it("tells the time that is left, and none when there is no wait", () => {
    const clock = new FakeClock();
    const cooldowns = new Cooldowns(clock);
    cooldowns.start("place", "ada", 5_000);
    clock.advanceSync(1_200);
    assert.equal(cooldowns.leftMs("place", "ada"), 3_800);
    assert.equal(cooldowns.leftMs("place", "bob"), 0);
    clock.advanceSync(60_000);
    assert.equal(cooldowns.leftMs("place", "ada"), 0);
  });

  it("keeps users and messages apart", () => {
    const cooldowns = new Cooldowns(new FakeClock());
    cooldowns.start("place", "ada", 5_000);
    cooldowns.check("place", "bob");
    cooldowns.check("wipe", "ada");
    refusalOf(() => cooldowns.check("place", "ada"));
  });

  it("ends at once when it is cancelled", () => {
    const cooldowns = new Cooldowns(new FakeClock());
    cooldowns.start("place", "ada", 5_000);
    cooldowns.cancel("place", "ada");
    cooldowns.check("place", "ada");
  });

  it("forgets those that are over, and none that is not, when many users came", () => {
    const clock = new FakeClock();
    const cooldowns = new Cooldowns(clock);
    for (let i = 0; i < 600; i += 1) cooldowns.start("place", `early-${i}`, 1_000);
    clock.advanceSync(1_000);
    for (let i = 0; i < 600; i += 1) cooldowns.start("place", `late-${i}`, 1_000);
    for (let i = 0; i < 600; i += 1) cooldowns.check("place", `early-${i}`);
    for (let i = 0; i < 600; i += 1) refusalOf(() => cooldowns.check("place", `late-${i}`));
  });
});
