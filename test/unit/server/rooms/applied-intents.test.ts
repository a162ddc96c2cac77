import assert from "node:assert/strict";
import { AppliedIntents } from "../../../../server/rooms/applied-intents.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

describe("AppliedIntents", () => {
  it("applies an id once and gives the first outcome again", () => {
    const applied = new AppliedIntents(new FakeClock());
    let applications = 0;
    const apply = (): object => ({ application: (applications += 1) });
    const first = applied.once("ada", "i-1", apply);
    assert.equal(applied.once("ada", "i-1", apply), first);
    assert.equal(applications, 1);
  });

  it("remembers an outcome that is undefined", () => {
    const applied = new AppliedIntents(new FakeClock());
    let applications = 0;
    const apply = (): undefined => void (applications += 1);
    applied.once("ada", "i-1", apply);
    applied.once("ada", "i-1", apply);
    assert.equal(applications, 1);
  });

  it("gives everybody who asks the promise of an intent that is still under way", () => {
    const applied = new AppliedIntents(new FakeClock());
    const first = applied.once("ada", "i-1", () => Promise.resolve(1));
    assert.equal(
      applied.once("ada", "i-1", () => Promise.resolve(2)),
      first,
    );
  });

  it("counts ids by user: two users may use the same one", () => {
    const applied = new AppliedIntents(new FakeClock());
    assert.equal(
      applied.once("ada", "i-1", () => "ada's"),
      "ada's",
    );
    assert.equal(
      applied.once("bob", "i-1", () => "bob's"),
      "bob's",
    );
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
    const outcomes = pairs.map(([user, id]) => applied.once(user, id, () => `${user} ${id}`));
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
    assert.equal(
      applied.once("ada", "i-1", () => "second try"),
      "second try",
    );
  });

  it("remembers for ten minutes and forgets after", () => {
    const clock = new FakeClock();
    const applied = new AppliedIntents(clock);
    applied.once("ada", "old", () => 1);
    clock.advanceSync(600_000);
    applied.once("ada", "other", () => 1);
    assert.equal(
      applied.once("ada", "old", () => 2),
      1,
    );
    clock.advanceSync(1);
    applied.once("ada", "another", () => 1);
    assert.equal(
      applied.once("ada", "old", () => 2),
      2,
    );
  });

  it("remembers the last 1,000 of a user and forgets the oldest first", () => {
    const applied = new AppliedIntents(new FakeClock());
    for (let i = 0; i < 1_001; i += 1) applied.once("ada", `i-${i}`, () => "first");
    const again = (id: string): string => applied.once("ada", id, () => "second");
    assert.equal(again("i-1"), "first");
    assert.equal(again("i-1000"), "first");
    assert.equal(again("i-0"), "second");
  });

  it("forgets nothing of one user for what another sends", () => {
    const applied = new AppliedIntents(new FakeClock());
    applied.once("ada", "i-1", () => "first");
    for (let i = 0; i < 20_000; i += 1) applied.once(`user-${i % 3_000}`, `i-${i}`, () => "x");
    assert.equal(
      applied.once("ada", "i-1", () => "second"),
      "first",
    );
  });
});
