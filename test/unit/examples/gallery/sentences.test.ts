import assert from "node:assert/strict";
import { secondsIn, sentenceFor } from "../../../../examples/gallery/sentences.ts";
import { SyncError } from "../../../../shared/errors.ts";

describe("sentenceFor", () => {
  it("says how long to wait, in whole seconds", () => {
    const error = new SyncError("cooldown", "…", { retryAfterMs: 3_200 });
    assert.equal(sentenceFor(error), "Wait 4 seconds before your next one.");
  });

  it("makes a sentence of the message of a code that it has none for", () => {
    const error = new SyncError("options-invalid", "board size 9 is not one of 8, 256");
    assert.equal(sentenceFor(error), "Board size 9 is not one of 8, 256.");
  });

  it("says what may help when it does not know the error", () => {
    const sentence = "Something went wrong. Reloading the page may help.";
    assert.equal(sentenceFor(new TypeError("x is undefined")), sentence);
    assert.equal(sentenceFor(undefined), sentence);
  });
});

describe("secondsIn", () => {
  it("never says less than one second", () => {
    assert.equal(secondsIn(0), "1 second");
    assert.equal(secondsIn(1_000), "1 second");
    assert.equal(secondsIn(1_001), "2 seconds");
  });
});
