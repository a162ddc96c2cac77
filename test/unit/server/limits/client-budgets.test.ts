import assert from "node:assert/strict";
import { ClientBudgets, type ClientBudget } from "../../../../server/limits/client-budgets.ts";
import type { ClientRates } from "../../../../server/limits/server-limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

const rates = (perSecond: number): ClientRates => {
  const rate = { perSecond, burst: perSecond };
  const bytes = { perSecond: perSecond * 100, burst: perSecond * 100 };
  return {
    publications: rate,
    publicationBytes: bytes,
    operations: rate,
    historyReads: rate,
    replayBytes: bytes,
  };
};

describe("ClientBudgets", () => {
  let clock: FakeClock;
  let budgets: ClientBudgets;

  beforeEach(() => {
    clock = new FakeClock();
    budgets = new ClientBudgets({ session: rates(10), user: rates(20) }, clock);
  });

  function spendAll(budget: ClientBudget): number {
    for (let count = 0; ; count += 1) {
      try {
        budget.spend({ publications: 1 });
      } catch {
        return count;
      }
    }
  }

  it("limit each session by itself, and all sessions of a user together", () => {
    const tabs = Array.from({ length: 10 }, () => budgets.open("ada"));
    assert.deepEqual(
      tabs.map((tab) => spendAll(tab)),
      [10, 10, 0, 0, 0, 0, 0, 0, 0, 0],
    );
    assert.equal(spendAll(budgets.open("bob")), 10);
  });

  it("say what was too much, and how long to wait", async () => {
    const budget = budgets.open("ada");
    spendAll(budget);
    const refusal = await refusalOf(() => budget.spend({ publications: 1 }));
    assert.equal(refusal.code, "rate-limited");
    assert.equal(refusal.message, "more than 10 publications of one session a second");
    assert.equal(refusal.retryAfterMs, 100);
    spendAll(budgets.open("ada"));
    const third = budgets.open("ada");
    const { message, retryAfterMs } = await refusalOf(() => third.spend({ publications: 1 }));
    assert.equal(message, "more than 20 publications of one user a second");
    assert.equal(retryAfterMs, 50);
  });

  it("take nothing where one of several limits refuses, and name the longest wait", async () => {
    const budget = budgets.open("ada");
    for (let count = 0; count < 9; count += 1) budget.spend({ publications: 1 });
    budget.spend({ publicationBytes: 900 });
    const amounts = { publications: 1, publicationBytes: 400 };
    const { retryAfterMs } = await refusalOf(() => budget.spend(amounts));
    assert.equal(retryAfterMs, 300);
    clock.advanceSync(299);
    await refusalOf(() => budget.spend(amounts));
    clock.advanceSync(1);
    budget.spend(amounts);
  });

  it("let a session owe what it has had already", async () => {
    const budget = budgets.open("ada");
    budget.owe({ replayBytes: 3_000 });
    assert.equal((await refusalOf(() => budget.spend({ replayBytes: 1 }))).retryAfterMs, 2_001);
  });

  it("remember a user who has used something up, however many others came", async () => {
    const ada = budgets.open("ada");
    spendAll(ada);
    spendAll(budgets.open("ada"));
    for (let user = 0; user < 5_000; user += 1) budgets.open(`${user}`).spend({ operations: 1 });
    await refusalOf(() => budgets.open("ada").spend({ publications: 1 }));
  });
});
