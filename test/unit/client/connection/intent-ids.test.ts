import assert from "node:assert/strict";
import { IntentIds, strongRandom } from "../../../../client/connection/intent-ids.ts";
import { MAX_INTENT_ID_LENGTH } from "../../../../shared/limits.ts";

describe("IntentIds", () => {
  it("counts behind a prefix that another client does not share", () => {
    const ids = new IntentIds(strongRandom);
    const others = new IntentIds(strongRandom);
    const [first, second] = [ids.next(), ids.next()];
    assert.match(first, /^[0-9a-z]{12}-1$/);
    assert.equal(second, first.replace(/1$/, "2"));
    assert.notEqual(others.next(), first);
    assert.ok(first.length <= MAX_INTENT_ID_LENGTH);
  });
});

describe("strongRandom", () => {
  it("gives numbers from 0 to below 1, also where there is no crypto", () => {
    const stock = Object.getOwnPropertyDescriptor(globalThis, "crypto")!;
    for (const value of [globalThis.crypto, undefined]) {
      Object.defineProperty(globalThis, "crypto", { ...stock, get: () => value });
      try {
        const numbers = Array.from({ length: 100 }, strongRandom);
        assert.ok(numbers.every((each) => each >= 0 && each < 1));
        assert.ok(new Set(numbers).size > 90);
      } finally {
        Object.defineProperty(globalThis, "crypto", stock);
      }
    }
  });
});
