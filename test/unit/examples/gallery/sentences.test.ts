import assert from "node:assert/strict";
import { secondsIn, sentenceFor, Sentences } from "../../../../examples/gallery/sentences.ts";
import { SyncError } from "../../../../shared/errors.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

describe("Sentences", () => {
  it("say what went wrong for a while, and then again what lasts", () => {
    const region = { textContent: "" };
    const clock = new FakeClock();
    const sentences = new Sentences(region, clock);
    sentences.keepSaying("Connection lost.");
    sentences.say("Wait 3 seconds.");
    sentences.say("Wait 2 seconds.");
    clock.advanceSync(5_999);
    assert.equal(region.textContent, "Wait 2 seconds.");
    clock.advanceSync(1);
    assert.equal(region.textContent, "Connection lost.");
    assert.equal(sentences.keepsSilent, false);
    sentences.say("Connected again.");
    sentences.clear();
    clock.advanceSync(6_000);
    assert.equal(region.textContent, "");
    assert.ok(sentences.keepsSilent);
  });
});

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
