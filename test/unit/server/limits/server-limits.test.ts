import assert from "node:assert/strict";
import {
  defaultLimits,
  type LimitOptions,
  toLimits,
} from "../../../../server/limits/server-limits.ts";

describe("toLimits", () => {
  it("gives the defaults where nothing is said", () => {
    assert.deepEqual(toLimits(), defaultLimits);
    assert.deepEqual(toLimits({ session: {}, window: {} }), defaultLimits);
  });

  it("changes what is said and nothing else", () => {
    const { session, user, window, ...others } = toLimits({
      session: { publications: { perSecond: 5, burst: 20 }, subscriptions: 8 },
      user: { historyReads: 3 },
      window: { ageMs: 10_000 },
    });
    assert.deepEqual(session, {
      ...defaultLimits.session,
      publications: { perSecond: 5, burst: 20 },
      subscriptions: 8,
    });
    assert.deepEqual(user, { ...defaultLimits.user, historyReads: { perSecond: 3, burst: 3 } });
    assert.deepEqual(window, { ...defaultLimits.window, ageMs: 10_000 });
    const { connection, address, retention, presence, allWindows } = defaultLimits;
    assert.deepEqual(others, { connection, address, retention, presence, allWindows });
  });

  it("takes Infinity for no limit", () => {
    const { session } = toLimits({ session: { publications: Infinity, subscriptions: Infinity } });
    assert.deepEqual(session.publications, { perSecond: Infinity, burst: Infinity });
    assert.equal(session.subscriptions, Infinity);
  });

  const wrong: readonly [options: unknown, message: RegExp][] = [
    [
      { session: { publications: 0 } },
      /^limits\.session\.publications: 0 a second is not above 0$/,
    ],
    [{ session: { publications: -1 } }, /-1 a second/],
    [{ session: { publications: NaN } }, /NaN a second/],
    [
      { user: { operations: { perSecond: 1, burst: 0.5 } } },
      /^limits\.user\.operations: a burst of 0.5/,
    ],
    [{ user: { operations: { perSecond: 1 } } }, /a burst of undefined/],
    [{ session: { publications: "many" } }, /undefined a second/],
    [{ session: { subscriptions: 0 } }, /^limits\.session\.subscriptions: 0 is not a whole number/],
    [{ window: { publications: 1.5 } }, /^limits\.window\.publications: 1\.5 is not/],
    [{ window: { bytes: "8 MiB" } }, /^limits\.window\.bytes: 8 MiB is not/],
    [
      { connection: { queuedBytes: 262_143 } },
      /^limits\.connection\.queuedBytes: 262143 is not a whole number of at least 262144$/,
    ],
    [{ retention: { ageMs: -1 } }, /^limits\.retention\.ageMs: -1 is not/],
    [{ sessions: {} }, /^there is no limit limits\.sessions$/],
    [{ session: { publication: 5 } }, /^there is no limit limits\.session\.publication$/],
    [{ session: { constructor: 5 } }, /^there is no limit limits\.session\.constructor$/],
  ];
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}, and says where it is wrong`, () => {
      assert.throws(() => toLimits(options as LimitOptions), { name: "RangeError", message });
    });
  }
});
