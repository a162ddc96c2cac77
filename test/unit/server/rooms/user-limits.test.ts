import assert from "node:assert/strict";
import { Cooldowns, RateLimits } from "../../../../server/rooms/user-limits.ts";
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

describe("RateLimits", () => {
  const LIMIT = { count: 3, windowMs: 10_000 };

  it("takes as many as the limit says and refuses the next with the time left", () => {
    const clock = new FakeClock();
    const limits = new RateLimits(clock);
    for (let i = 0; i < 3; i += 1) limits.take("chat", "ada", LIMIT);
    clock.advanceSync(4_000);
    const { code, retryAfterMs, message } = refusalOf(() => limits.take("chat", "ada", LIMIT));
    assert.equal(code, "rate-limited");
    assert.equal(retryAfterMs, 6_000);
    assert.equal(message, 'more than 3 of "chat" in 10000 ms');
  });

  it("takes again when the window is over, counted from the first try", () => {
    const clock = new FakeClock();
    const limits = new RateLimits(clock);
    limits.take("chat", "ada", LIMIT);
    clock.advanceSync(9_999);
    limits.take("chat", "ada", LIMIT);
    limits.take("chat", "ada", LIMIT);
    refusalOf(() => limits.take("chat", "ada", LIMIT));
    clock.advanceSync(1);
    for (let i = 0; i < 3; i += 1) limits.take("chat", "ada", LIMIT);
    refusalOf(() => limits.take("chat", "ada", LIMIT));
  });

  it("does not extend the window of somebody who keeps trying", () => {
    const clock = new FakeClock();
    const limits = new RateLimits(clock);
    for (let i = 0; i < 3; i += 1) limits.take("chat", "ada", LIMIT);
    for (let i = 0; i < 9; i += 1) {
      clock.advanceSync(1_000);
      refusalOf(() => limits.take("chat", "ada", LIMIT));
    }
    clock.advanceSync(1_000);
    limits.take("chat", "ada", LIMIT);
  });

  it("keeps users and messages apart", () => {
    const limits = new RateLimits(new FakeClock());
    for (let i = 0; i < 3; i += 1) limits.take("chat", "ada", LIMIT);
    limits.take("chat", "bob", LIMIT);
    limits.take("wave", "ada", LIMIT);
    refusalOf(() => limits.take("chat", "ada", LIMIT));
  });

  it("keeps the windows that still count when many users came", () => {
    const clock = new FakeClock();
    const limits = new RateLimits(clock);
    const once = { count: 1, windowMs: 1_000 };
    for (let i = 0; i < 600; i += 1) limits.take("chat", `early-${i}`, once);
    clock.advanceSync(1_000);
    for (let i = 0; i < 600; i += 1) limits.take("chat", `late-${i}`, once);
    for (let i = 0; i < 600; i += 1) refusalOf(() => limits.take("chat", `late-${i}`, once));
    for (let i = 0; i < 600; i += 1) limits.take("chat", `early-${i}`, once);
  });
});
