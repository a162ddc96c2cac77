import assert from "node:assert/strict";
import { ApiKeys } from "../../../../server/http/api-keys.ts";

const KEY = "key-of-16-chars!";

describe("ApiKeys", () => {
  it("knows nobody and is empty without keys", () => {
    const keys = new ApiKeys();
    assert.ok(keys.isEmpty);
    assert.ok(!keys.has(""));
    assert.ok(!keys.has(KEY));
  });

  it("knows each of its keys and nothing like them", () => {
    const keys = new ApiKeys([KEY, "another-key-of-the-server"]);
    assert.ok(!keys.isEmpty);
    assert.ok(keys.has(KEY));
    assert.ok(keys.has("another-key-of-the-server"));
    for (const wrong of ["", KEY.slice(1), `${KEY} `, KEY.toUpperCase(), `${KEY}${KEY}`]) {
      assert.ok(!keys.has(wrong), wrong);
    }
  });

  it("refuses a key of 15 characters, without repeating it", () => {
    const short = KEY.slice(1);
    assert.throws(
      () => new ApiKeys([KEY, short]),
      (error: unknown) => error instanceof RangeError && !error.message.includes(short),
    );
  });
});
