import assert from "node:assert/strict";
import {
  ChannelAuthority,
  type ChannelPolicy,
} from "../../../../server/channels/channel-policy.ts";
import type { PolicyLimits } from "../../../../server/channels/policy-limits.ts";
import { PolicyUsages } from "../../../../server/channels/policy-usages.ts";
import { ClientBudgets } from "../../../../server/limits/client-budgets.ts";
import { defaultLimits } from "../../../../server/limits/server-limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

const ada = { user: { id: "ada", name: "Ada" } };
const bob = { user: { id: "bob", name: "Bob" } };

describe("PolicyUsages", () => {
  let clock: FakeClock;

  beforeEach(() => {
    clock = new FakeClock();
  });

  function usages(...policies: ChannelPolicy[]): PolicyUsages {
    return new PolicyUsages(new ChannelAuthority(policies), defaultLimits, clock);
  }

  it("count the publications of all channels of a policy, whoever publishes", async () => {
    const app = usages({ pattern: "app/*", limits: { publications: 3 } }, { pattern: "**" });
    app.publish("app/a", ada, 1);
    app.publish("app/b", bob, 1);
    app.publish("app/c", "server", 1);
    for (const actor of [ada, "server"] as const) {
      const refusal = await refusalOf(() => app.publish("app/d", actor, 1));
      assert.equal(refusal.code, "rate-limited");
      assert.equal(refusal.message, "more than 3 publications of these channels a second");
      assert.equal(refusal.retryAfterMs, 334);
    }
    app.publish("elsewhere", ada, 1);
    clock.advanceSync(334);
    app.publish("app/d", "server", 1);
  });

  it("count bytes, and each user by itself", async () => {
    const limits = { publicationBytes: 1_000, user: { publicationBytes: 600, publications: 2 } };
    const app = usages({ pattern: "*", limits });
    app.publish("a", ada, 600);
    await refusalOf(() => app.publish("a", ada, 100));
    app.publish("a", bob, 400);
    const { message } = await refusalOf(() => app.publish("a", "server", 1));
    assert.equal(message, "more than 1000 bytes of publications of these channels a second");
    clock.advanceSync(1_000);
    app.publish("a", ada, 1);
    app.publish("a", ada, 1);
    const refusal = await refusalOf(() => app.publish("a", ada, 1));
    assert.equal(refusal.message, "more than 2 publications of one user here a second");
  });

  it("refuse a payload that is larger than the policy's, at any time", async () => {
    const app = usages({ pattern: "*", limits: { payloadBytes: 100 } });
    app.publish("a", ada, 100);
    for (const actor of [ada, "server"] as const) {
      const { code, message } = await refusalOf(() => app.publish("a", actor, 101));
      assert.equal(code, "payload-too-large");
      assert.equal(message, "payload of 101 bytes exceeds 100 on these channels");
    }
  });

  it("say a time after which the publisher's own limits let it publish, too", async () => {
    const own = { publications: { perSecond: 1, burst: 1 } };
    const rates = { session: { ...defaultLimits.session, ...own }, user: defaultLimits.user };
    const budget = new ClientBudgets(rates, clock).open("ada");
    const app = usages({ pattern: "*", limits: { publications: { perSecond: 10, burst: 1 } } });
    budget.spend({ publications: 1 });
    app.publish("a", bob, 1);
    const asked = (): void => app.publish("a", { ...ada, budget }, 1);
    assert.equal((await refusalOf(asked)).retryAfterMs, 1_000);
    clock.advanceSync(1_000);
    budget.spend({ publications: 1 });
    // Its last one was taken for this very publication.
    asked();
  });

  it("tell the window of each topic", () => {
    const app = usages({ pattern: "app/*", limits: { window: { ageMs: 5_000 } } });
    assert.deepEqual(app.windowOf("app/a"), { ...defaultLimits.window, ageMs: 5_000 });
    assert.deepEqual(app.windowOf("other"), defaultLimits.window);
  });

  const wrong: readonly [limits: PolicyLimits, message: RegExp][] = [
    [{ publications: 0 }, /^limits of "a, b": publications: 0 a second is not above 0$/],
    [{ publicationBytes: { perSecond: 1, burst: 0 } }, /publicationBytes: a burst of 0/],
    [{ user: { publications: -1 } }, /^limits of "a, b": user: publications: -1/],
    [{ channels: 0.5 }, /channels: 0\.5 is not a whole number/],
    [{ payloadBytes: 2_000_000 }, /payloadBytes 2000000 exceeds 1048576$/],
    [{ window: { ageMs: -1 } }, /window\.ageMs: -1 is not/],
  ];
  for (const [limits, message] of wrong) {
    it(`refuse ${JSON.stringify(limits)}, and say where it is wrong`, () => {
      assert.throws(() => usages({ pattern: ["a", "b"], limits }), { name: "RangeError", message });
    });
  }
});
