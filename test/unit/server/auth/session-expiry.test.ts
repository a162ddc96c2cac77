import assert from "node:assert/strict";
import { SessionExpiry } from "../../../../server/auth/session-expiry.ts";
import { TOKEN_GRACE_MS } from "../../../../shared/limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

const NOW = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 3_600_000;

function watching(): {
  clock: FakeClock;
  expiry: SessionExpiry;
  expired: string[];
  watch: (sessionId: string, expiresAt?: number) => () => void;
} {
  const clock = new FakeClock(NOW);
  const expiry = new SessionExpiry(clock);
  const expired: string[] = [];
  const watch = (sessionId: string, expiresAt?: number): (() => void) =>
    expiry.watch(sessionId, expiresAt, () => expired.push(sessionId));
  return { clock, expiry, expired, watch };
}

describe("SessionExpiry", () => {
  it("tells of a token when it has been expired for the grace, once", () => {
    const { clock, expired, watch } = watching();
    watch("ada", NOW + MINUTE_MS);
    clock.advanceSync(MINUTE_MS + TOKEN_GRACE_MS - 1);
    assert.deepEqual(expired, []);
    clock.advanceSync(1);
    assert.deepEqual(expired, ["ada"]);
    clock.advanceSync(YEAR_MS);
    assert.deepEqual(expired, ["ada"]);
    assert.equal(clock.pendingTimers, 0);
  });

  it("tells of a token that expired long ago in a later turn", () => {
    const { clock, expired, watch } = watching();
    watch("ada", NOW - YEAR_MS);
    assert.deepEqual(expired, []);
    clock.advanceSync(0);
    assert.deepEqual(expired, ["ada"]);
  });

  it("tells of each session in its own time", () => {
    const { clock, expired, watch } = watching();
    watch("ada", NOW + 3 * MINUTE_MS);
    watch("bob", NOW + MINUTE_MS);
    watch("eve", NOW + 2 * MINUTE_MS);
    clock.advanceSync(2.5 * MINUTE_MS);
    assert.deepEqual(expired, ["bob", "eve"]);
    clock.advanceSync(MINUTE_MS);
    assert.deepEqual(expired, ["bob", "eve", "ada"]);
  });

  it("waits for as long as a newer token says, also when it came in the grace", () => {
    const { clock, expiry, expired, watch } = watching();
    watch("ada", NOW + MINUTE_MS);
    clock.advanceSync(MINUTE_MS + TOKEN_GRACE_MS - 1);
    expiry.renew("ada", NOW + 5 * MINUTE_MS);
    clock.advanceSync(3 * MINUTE_MS);
    assert.deepEqual(expired, []);
    clock.advanceSync(MINUTE_MS + 1);
    assert.deepEqual(expired, ["ada"]);
  });

  it("takes a newer token that ends sooner at its word", () => {
    const { clock, expiry, expired, watch } = watching();
    watch("ada", NOW + YEAR_MS);
    expiry.renew("ada", NOW + 1);
    clock.advanceSync(1 + TOKEN_GRACE_MS);
    assert.deepEqual(expired, ["ada"]);
    assert.equal(clock.pendingTimers, 0);
  });

  it("waits for nothing while a token has no end", () => {
    const { clock, expiry, expired, watch } = watching();
    watch("ada");
    assert.equal(clock.pendingTimers, 0);
    expiry.renew("ada", NOW + 1);
    assert.equal(clock.pendingTimers, 1);
    expiry.renew("ada", undefined);
    assert.equal(clock.pendingTimers, 0);
    clock.advanceSync(YEAR_MS);
    assert.deepEqual(expired, []);
  });

  for (const years of [1, 1e200]) {
    it(`never tells a timer to wait longer than it can: ${years} years`, () => {
      const { clock, expired, watch } = watching();
      const delays: number[] = [];
      const schedule = clock.schedule.bind(clock);
      clock.schedule = (delayMs, callback) => {
        delays.push(delayMs);
        return schedule(delayMs, callback);
      };
      watch("ada", NOW + years * YEAR_MS);
      clock.advanceSync(YEAR_MS + TOKEN_GRACE_MS);
      assert.ok(delays.length > 10);
      assert.ok(Math.max(...delays) < 2 ** 31);
      assert.deepEqual(expired, years === 1 ? ["ada"] : []);
    });
  }

  it("forgets a session that is over", () => {
    const { clock, expiry, expired, watch } = watching();
    const stop = watch("ada", NOW + MINUTE_MS);
    stop();
    expiry.renew("ada", NOW + MINUTE_MS);
    assert.equal(clock.pendingTimers, 0);
    clock.advanceSync(YEAR_MS);
    assert.deepEqual(expired, []);
    stop();
  });

  it("goes on with a session's new connection when the old one ends late", () => {
    const { clock, expiry, expired, watch } = watching();
    const stopOld = watch("ada", NOW + MINUTE_MS);
    watch("ada", NOW + 2 * MINUTE_MS);
    stopOld();
    assert.equal(clock.pendingTimers, 1);
    expiry.renew("ada", NOW + 3 * MINUTE_MS);
    clock.advanceSync(2.5 * MINUTE_MS);
    assert.deepEqual(expired, []);
    clock.advanceSync(MINUTE_MS);
    assert.deepEqual(expired, ["ada"]);
  });
});
