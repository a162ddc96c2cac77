import assert from "node:assert/strict";
import { sealPayload, unsealPayload } from "../../../../server/channels/payload.ts";
import { MAX_PAYLOAD_BYTES } from "../../../../shared/limits.ts";

describe("sealPayload", () => {
  it("gives the JSON text with its size in UTF-8", () => {
    assert.deepEqual(sealPayload({ text: "é" }), {
      data: { text: "é" },
      text: '{"text":"é"}',
      bytes: 13,
    });
  });

  it("gives a copy that nobody can change", () => {
    const score = { value: 1 };
    const { data } = sealPayload(score);
    score.value = 2;
    assert.deepEqual(data, { value: 1 });
  });

  it("takes 1,048,576 bytes exactly, and refuses one more", () => {
    assert.equal(MAX_PAYLOAD_BYTES, 1_048_576);
    for (const letter of ["a", "é", "€", "😀"]) {
      const size = Buffer.byteLength(letter);
      const count = Math.floor((MAX_PAYLOAD_BYTES - 2) / size);
      const filling = "a".repeat(MAX_PAYLOAD_BYTES - 2 - count * size);
      const text = letter.repeat(count) + filling;
      assert.equal(sealPayload(text).bytes, MAX_PAYLOAD_BYTES);
      assert.throws(() => sealPayload(`${text}a`), {
        code: "payload-too-large",
        message: "payload of 1048577 bytes exceeds 1048576",
      });
    }
  });

  it("refuses what JSON cannot hold", () => {
    for (const data of [undefined, NaN, 1n, new Date(0), { at: undefined }]) {
      assert.throws(() => sealPayload(data), { code: "payload-invalid" });
    }
  });
});

describe("unsealPayload", () => {
  it("gives back what was sealed", () => {
    const payload = sealPayload([{ text: "é" }, null]);
    assert.deepEqual(unsealPayload(payload.text), payload);
  });
});
