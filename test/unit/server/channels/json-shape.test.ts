import assert from "node:assert/strict";
import { shapeOf } from "../../../../server/channels/json-shape.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

/** The same by looking at what the text makes. */
function shapeOfValue(value: unknown): { depth: number; parts: number } {
  if (typeof value !== "object" || value === null) return { depth: 0, parts: 0 };
  const names = Array.isArray(value) ? 0 : Object.keys(value).length;
  const within = Object.values(value).map(shapeOfValue);
  return {
    depth: 1 + Math.max(0, ...within.map(({ depth }) => depth)),
    parts: within.reduce((sum, { parts }) => sum + parts, 1 + names),
  };
}

function randomValue(random: SeededRandom, depth: number): unknown {
  const texts = ["", '"', "\\", '\\"', "{[:", "]}", "a\nb", "😀"];
  const kind = random.integer(0, depth > 4 ? 2 : 4);
  if (kind === 0) return random.integer(-5, 5);
  if (kind < 3) return random.pick(texts);
  const within = Array.from({ length: random.integer(0, 4) }, () => randomValue(random, depth + 1));
  if (kind === 3) return within;
  return Object.fromEntries(within.map((each, at) => [`${random.pick(texts)}${at}`, each]));
}

describe("shapeOf", () => {
  it("is told of a text as it is of the value that the text makes", () => {
    const random = new SeededRandom(20_261_122);
    for (let round = 0; round < 500; round += 1) {
      const value = randomValue(random, 0);
      for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)]) {
        assert.deepEqual(shapeOf(text), shapeOfValue(value), text);
      }
    }
  });

  it("comes to an end whatever the text is", () => {
    for (const text of ["", '"', '"\\', '"\\"', "]]}}", "{{[[", "::", '\\"']) shapeOf(text);
    assert.equal(shapeOf("[".repeat(1_000_000)).depth, 1_000_000);
  });
});
