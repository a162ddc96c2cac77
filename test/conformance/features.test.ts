import assert from "node:assert/strict";
import { testTitles } from "../support/test-titles.ts";
import { FEATURES } from "./features.ts";
import { PENDING } from "./pending.ts";

const titles = testTitles();

function testsOf(beginning: string): string[] {
  const found = titles.filter(({ title }) => title.startsWith(`${beginning} `));
  return found.map(({ title, file }) => `${file}: ${title}`);
}

describe("what the three façades promise", () => {
  const whollyPending = new Set<string>(
    PENDING.filter(({ half }) => half === undefined).map(({ id }) => id),
  );

  it("has a test for every feature that is not pending", () => {
    const ids = Object.keys(FEATURES).filter((id) => !whollyPending.has(id));
    assert.ok(ids.length > 60);
    assert.deepEqual(
      ids.filter((id) => testsOf(id).length === 0),
      [],
      "features without a test whose title starts with their id",
    );
  });

  it("has no test for what is pending", () => {
    for (const { id, half, reason } of PENDING) {
      assert.deepEqual(testsOf(half === undefined ? id : `${id} ${half}`), [], reason);
      assert.ok(reason.length > 20, `${id} says what it waits for`);
    }
  });

  it("knows every id that a title starts with", () => {
    const ids = titles.map(({ title }) => /^[ABDP]\d+(?= )/.exec(title)?.[0]);
    assert.deepEqual(
      ids.filter((id) => id !== undefined && !(id in FEATURES)),
      [],
    );
  });
});
