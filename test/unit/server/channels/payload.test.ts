import assert from "node:assert/strict";
import { readPayload, sealPayload } from "../../../../server/channels/payload.ts";
import { MAX_PAYLOAD_BYTES } from "../../../../shared/limits.ts";
import { payloadsOfSize } from "../../../support/payload-of-size.ts";

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

describe("readPayload", () => {
  it("gives what the text says, and its text as JSON.stringify writes it", () => {
    assert.deepEqual(readPayload(' { "text" : "\\u00e9", "n" : 1.0e1 } '), {
      data: { text: "é", n: 10 },
      text: '{"text":"é","n":10}',
      bytes: 20,
    });
  });

  it("takes 1,048,576 bytes exactly, whatever they are made of, and refuses one more", () => {
    const texts = payloadsOfSize(MAX_PAYLOAD_BYTES).map((payload) => JSON.stringify(payload));
    for (const text of texts) {
      assert.equal(readPayload(text).bytes, MAX_PAYLOAD_BYTES);
      assert.throws(() => readPayload(`${text} `), {
        code: "payload-too-large",
        message: "payload of 1048577 bytes exceeds 1048576",
      });
    }
  });

  it("refuses what is no text, no JSON, too deep, or larger than it looked", () => {
    const long = `[${"1e20,".repeat(100_000)}1]`;
    assert.throws(() => readPayload(long), { code: "payload-too-large" });
    const deep = "[".repeat(65) + "]".repeat(65);
    for (const text of [undefined, null, 5, {}, "", "{", "1e400", "NaN", deep]) {
      assert.throws(() => readPayload(text), { code: "payload-invalid" });
    }
  });

  it("takes names like __proto__, halves of characters and -0 for what they are in JSON", () => {
    const { data, text } = readPayload('{"__proto__":{"polluted":1},"half":"\\ud83d","zero":-0}');
    assert.equal(text, '{"__proto__":{"polluted":1},"half":"\\ud83d","zero":0}');
    assert.deepEqual(Object.keys(data as object), ["__proto__", "half", "zero"]);
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });
});
