import assert from "node:assert/strict";
import fc from "fast-check";
import { TokenBucket } from "../../../../server/limits/token-bucket.ts";

/** When each of the attempts succeeded, in milliseconds. */
function taken(bucket: TokenBucket, attempts: readonly number[]): number[] {
  return attempts.filter((now) => {
    if (bucket.waitMs(now) > 0) return false;
    bucket.take(now);
    return true;
  });
}

const rates = fc.record({
  perSecond: fc.oneof(
    fc.integer({ min: 1, max: 5_000 }),
    fc.double({ min: 0.01, max: 10, noNaN: true }),
  ),
  burst: fc.integer({ min: 1, max: 500 }),
});
const start = fc.constantFrom(0, 1_795_000_000_000);
const pauses = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 60 });

/** Times from `at` on, with the pauses between them. */
function timesFrom(at: number, waits: readonly number[]): number[] {
  let now = at;
  return waits.map((wait) => (now += wait));
}

describe("TokenBucket", () => {
  it("gives its burst at once, and then one for each moment that it takes to make one", () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 });
    assert.deepEqual(taken(bucket, [0, 0, 0, 0, 99, 100, 100, 199, 200]), [0, 0, 0, 100, 200]);
    assert.equal(bucket.waitMs(201), 99);
    assert.deepEqual(taken(bucket, [10_000, 10_000, 10_000, 10_000]), [10_000, 10_000, 10_000]);
  });

  it("says how long to wait for several at once", () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 4 });
    bucket.take(0, 4);
    assert.deepEqual(
      [1, 2, 3, 4].map((count) => bucket.waitMs(0, count)),
      [500, 1_000, 1_500, 2_000],
    );
  });

  it("gives what is larger than itself when it is full, and owes the rest", () => {
    const bucket = new TokenBucket({ perSecond: 100, burst: 100 });
    assert.equal(bucket.waitMs(0, 1_000), 0);
    bucket.take(0, 1_000);
    assert.equal(bucket.waitMs(0, 1), 9_010);
    assert.equal(bucket.waitMs(0, 1_000), 10_000);
  });

  it("is full when nobody has taken anything for long enough", () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 5 });
    assert.equal(bucket.isFull(0), true);
    bucket.take(0, 2);
    assert.deepEqual([bucket.isFull(1_999), bucket.isFull(2_000)], [false, true]);
  });

  it("limits nothing where the limit is Infinity", () => {
    const bucket = new TokenBucket({ perSecond: Infinity, burst: Infinity });
    for (let count = 0; count < 1_000; count += 1) bucket.take(0);
    assert.equal(bucket.waitMs(0, 1e9), 0);
  });

  it("neither gives nor keeps anything when the machine's time is set back", () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 2 });
    bucket.take(3_600_000, 2);
    assert.equal(bucket.waitMs(0), 1_000);
    assert.deepEqual(taken(bucket, [999, 1_000, 1_001, 2_000]), [1_000, 2_000]);
  });

  it("never gives more than the burst and the rate allow, in any span of time", () => {
    fc.assert(
      fc.property(rates, start, pauses, (rate, at, waits) => {
        const successes = taken(new TokenBucket(rate), timesFrom(at, waits));
        for (const [first, from] of successes.entries()) {
          for (let last = first; last < successes.length; last += 1) {
            const allowed = rate.burst + ((successes[last]! - from) / 1_000) * rate.perSecond;
            assert.ok(last - first + 1 <= allowed + 1e-6);
          }
        }
      }),
    );
  });

  it("keeps its word: after waitMs it gives, one millisecond earlier it does not", () => {
    const counts = fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 20 });
    fc.assert(
      fc.property(rates, start, pauses, counts, (rate, at, waits, sizes) => {
        const bucket = new TokenBucket(rate);
        let now = at;
        for (const [step, size] of sizes.entries()) {
          now += waits[step] ?? 0;
          const waitMs = bucket.waitMs(now, size);
          if (waitMs > 0) assert.ok(bucket.waitMs(now + waitMs - 1, size) > 0);
          now += waitMs;
          assert.equal(bucket.waitMs(now, size), 0);
          bucket.take(now, size);
        }
      }),
    );
  });
});
