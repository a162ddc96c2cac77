import assert from "node:assert/strict";
import { PerKey } from "../../../../server/limits/per-key.ts";
import { TokenBucket } from "../../../../server/limits/token-bucket.ts";

describe("PerKey", () => {
  const make = (): TokenBucket => new TokenBucket({ perSecond: 1, burst: 1 });

  it("gives the same item for the same key", () => {
    const buckets = new PerKey<TokenBucket>();
    assert.equal(buckets.of("ada", 0, make), buckets.of("ada", 5, make));
    assert.notEqual(buckets.of("ada", 0, make), buckets.of("bob", 0, make));
  });

  it("forgets those that are full when many come, and never one that is not", () => {
    const buckets = new PerKey<TokenBucket>();
    for (let user = 0; user < 600; user += 1) buckets.of(`early-${user}`, 0, make).take(0);
    for (let user = 0; user < 600; user += 1) buckets.of(`late-${user}`, 1_000, make).take(1_000);
    assert.equal(buckets.size, 600);
    for (let user = 0; user < 600; user += 1) {
      assert.equal(buckets.of(`late-${user}`, 1_000, make).waitMs(1_000), 1_000);
    }
  });

  it("never holds more than it may: the oldest goes, whoever comes with whatever many names", () => {
    const buckets = new PerKey<TokenBucket>(100);
    for (let user = 0; user < 1_000; user += 1) {
      buckets.of(`user-${user}`, 0, make).take(0);
      assert.ok(buckets.size <= 100);
    }
    assert.equal(buckets.of("user-999", 0, make).waitMs(0), 1_000);
    assert.equal(buckets.of("user-0", 0, make).waitMs(0), 0);
  });

  it("keeps hostile names apart from everybody else's", () => {
    const buckets = new PerKey<TokenBucket>();
    buckets.of("__proto__", 0, make).take(0);
    assert.equal(buckets.of("constructor", 0, make).waitMs(0), 0);
    assert.equal(buckets.of("__proto__", 0, make).waitMs(0), 1_000);
  });
});
