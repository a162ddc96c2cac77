import assert from "node:assert/strict";
import { RateLimits } from "../../../../server/rooms/rate-limits.ts";
import type { SyncError } from "../../../../shared/errors.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

const LIMIT = { count: 5, windowMs: 10_000 };

describe("RateLimits", () => {
  let clock: FakeClock;
  let limits: RateLimits;

  beforeEach(() => {
    clock = new FakeClock();
    limits = new RateLimits(clock);
  });

  function takeAll(): void {
    for (let count = 0; count < LIMIT.count; count += 1) limits.take("chat", "ada", LIMIT);
  }

  function refusal(): Promise<SyncError> {
    return refusalOf(() => limits.take("chat", "ada", LIMIT));
  }

  it("takes as many at once as the limit says and refuses the next with the time left", async () => {
    takeAll();
    clock.advanceSync(400);
    const { code, retryAfterMs, message } = await refusal();
    assert.equal(code, "rate-limited");
    assert.equal(retryAfterMs, 1_600);
    assert.equal(message, 'more than 5 of "chat" in 10000 ms');
    clock.advanceSync(1_600);
    limits.take("chat", "ada", LIMIT);
    assert.equal((await refusal()).retryAfterMs, 2_000);
  });

  it("takes them evenly from then on, and all at once after a rest", async () => {
    takeAll();
    for (let round = 0; round < 10; round += 1) {
      await refusal();
      clock.advanceSync(2_000);
      limits.take("chat", "ada", LIMIT);
    }
    clock.advanceSync(10_000);
    takeAll();
    await refusal();
  });

  it("does not let somebody wait longer who keeps trying", async () => {
    takeAll();
    for (let count = 0; count < 19; count += 1) {
      clock.advanceSync(100);
      await refusal();
    }
    clock.advanceSync(100);
    limits.take("chat", "ada", LIMIT);
  });

  it("keeps users and messages apart", async () => {
    takeAll();
    limits.take("chat", "bob", LIMIT);
    limits.take("wave", "ada", LIMIT);
    await refusal();
  });

  it("goes on limiting when many users came", async () => {
    takeAll();
    for (let user = 0; user < 3_000; user += 1) limits.take("chat", `user-${user}`, LIMIT);
    await refusal();
  });
});
