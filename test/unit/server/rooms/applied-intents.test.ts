import assert from "node:assert/strict";
import { AppliedIntents } from "../../../../server/rooms/applied-intents.ts";
import type { Outcome } from "../../../../server/rooms/outcome.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

/** Asks for an intent that, if it is applied, answers with `reply`; returns what is answered. */
function ask(applied: AppliedIntents, userId: string, id: string, reply: unknown = "new"): unknown {
  const outcome = applied.once(userId, id, () => ({
    isRejected: false,
    payload: reply,
  })) as Outcome;
  return outcome.isRejected ? (outcome.payload as { code: string }).code : outcome.payload;
}

describe("AppliedIntents", () => {
  it("applies an id once and gives the first outcome again", () => {
    const applied = new AppliedIntents(new FakeClock());
    let applications = 0;
    const apply = (): Outcome => ({ isRejected: false, payload: (applications += 1) });
    const first = applied.once("ada", "i-1", apply);
    assert.equal(applied.once("ada", "i-1", apply), first);
    assert.equal(applications, 1);
  });

  it("gives everybody who asks the promise of an intent that is still under way", () => {
    const applied = new AppliedIntents(new FakeClock());
    const later = (payload: number): Promise<Outcome> =>
      Promise.resolve({ isRejected: false, payload });
    const first = applied.once("ada", "i-1", () => later(1));
    assert.equal(
      applied.once("ada", "i-1", () => later(2)),
      first,
    );
  });

  it("counts ids by user: two users may use the same one", () => {
    const applied = new AppliedIntents(new FakeClock());
    assert.equal(ask(applied, "ada", "i-1", "ada's"), "ada's");
    assert.equal(ask(applied, "bob", "i-1", "bob's"), "bob's");
  });

  it("keeps pairs of user and id apart whatever characters they are made of", () => {
    const applied = new AppliedIntents(new FakeClock());
    const pairs = [
      ["ada/1", "2"],
      ["ada", "1/2"],
      ['ada","1', "2"],
      ["ada", '1","2'],
      ["ada\n1", "2"],
      ["ada", "1\n2"],
    ] as const;
    const outcomes = pairs.map(([user, id]) => ask(applied, user, id, `${user} ${id}`));
    assert.deepEqual(
      outcomes,
      pairs.map(([user, id]) => `${user} ${id}`),
    );
  });

  it("does not remember an application that threw", () => {
    const applied = new AppliedIntents(new FakeClock());
    const fail = (): never => {
      throw new Error("no");
    };
    assert.throws(() => applied.once("ada", "i-1", fail));
    assert.equal(ask(applied, "ada", "i-1", "second try"), "second try");
  });

  it("remembers for ten minutes, and refuses after", () => {
    const clock = new FakeClock();
    const applied = new AppliedIntents(clock);
    ask(applied, "ada", "i-1", "first");
    clock.advanceSync(600_000);
    ask(applied, "ada", "i-2");
    assert.equal(ask(applied, "ada", "i-1"), "first");
    clock.advanceSync(1);
    ask(applied, "ada", "i-3");
    assert.equal(ask(applied, "ada", "i-1"), "intent-expired");
  });

  it("remembers the last 1,000 of a user, and refuses the oldest first", () => {
    const applied = new AppliedIntents(new FakeClock());
    for (let i = 0; i < 1_001; i += 1) ask(applied, "ada", `i-${i}`, "first");
    assert.equal(ask(applied, "ada", "i-1", "second"), "first");
    assert.equal(ask(applied, "ada", "i-1000", "second"), "first");
    assert.equal(ask(applied, "ada", "i-0", "second"), "intent-expired");
    assert.equal(ask(applied, "ada", "j-0", "second"), "second", "another client's count");
  });

  it("forgets nothing of one user for what another sends", () => {
    const applied = new AppliedIntents(new FakeClock());
    ask(applied, "ada", "i-1", "first");
    for (let i = 0; i < 20_000; i += 1) ask(applied, `user-${i % 3_000}`, `i-${i}`);
    assert.equal(ask(applied, "ada", "i-1", "second"), "first");
  });

  it("answers in the next process as in the one that applied them, but for what was refused", () => {
    const clock = new FakeClock();
    const earlier = new AppliedIntents(clock);
    ask(earlier, "ada", "i-1", { waitMs: 5 });
    void earlier.once("ada", "i-2", () => ({ isRejected: true, payload: "no" }));
    const applied = new AppliedIntents(clock);
    applied.restore([...earlier.entries()]);
    assert.deepEqual(ask(applied, "ada", "i-1"), { waitMs: 5 });
    assert.equal(ask(applied, "ada", "i-2"), "new");
  });
});
