import assert from "node:assert/strict";
import { checkPosition, readTracked } from "../../../../server/channels/channel-arguments.ts";
import { checkNames, readFlags, requireText } from "../../../../server/channels/draft.ts";

function refuses(attempt: () => unknown, message?: RegExp): void {
  const expected = { code: "payload-invalid", ...(message === undefined ? {} : { message }) };
  assert.throws(attempt, expected);
}

describe("checkNames", () => {
  it("takes events of 1 to 128 characters, of whatever alphabet", () => {
    for (const event of ["m", "message", "metrics:update", "écrit", "x".repeat(128)]) {
      checkNames({ event });
    }
    for (const event of ["", "x".repeat(129), undefined, null, 5, {}, { toString: 1 }]) {
      refuses(() => checkNames({ event }));
    }
  });

  it("refuses the names under which listeners hear of presence and recovery", () => {
    const names = ["presence:join", "presence:sync", "presence:x", "*", "recovery", "resync"];
    for (const event of [...names, "revision"]) refuses(() => checkNames({ event }));
  });

  it("takes ids of 1 to 64 characters, or none", () => {
    for (const id of [undefined, "a", "x".repeat(64)]) checkNames({ event: "message", id });
    for (const id of ["", "x".repeat(65), null, 5, {}]) {
      refuses(() => checkNames({ event: "message", id }));
    }
  });

  it("shows an event that it refuses, cut short and without control characters", () => {
    refuses(
      () => checkNames({ event: `\u0007${"x".repeat(500)}` }),
      /^event "\\u0007x{39}" cannot/,
    );
  });
});

describe("readFlags", () => {
  it("takes true for true and anything else that is there for false", () => {
    assert.deepEqual(readFlags({}), {});
    assert.deepEqual(readFlags({ persist: true, volatile: "yes", echo: 0, more: true }), {
      persist: true,
      volatile: false,
      echo: false,
    });
  });
});

describe("requireText", () => {
  it("returns texts and refuses the rest, by name and type", () => {
    assert.equal(requireText("", "token"), "");
    refuses(() => requireText({ toString: 1 }, "token"), /^token is object, not a text$/);
  });
});

describe("checkPosition", () => {
  it("takes an epoch and an offset, and nothing for no position", () => {
    const position = { epoch: "e", offset: 0 };
    assert.deepEqual(checkPosition({ ...position, more: 1 }), position);
    assert.equal(checkPosition(undefined), undefined);
    assert.equal(checkPosition(null), undefined);
  });

  it("refuses everything else", () => {
    const offsets = [-1, 0.5, NaN, Infinity, 2 ** 53, "1", undefined, null];
    const positions = offsets.map((offset) => ({ epoch: "e", offset }));
    for (const since of [...positions, { offset: 1 }, { epoch: 5, offset: 1 }, 5, "e", [], false]) {
      refuses(() => checkPosition(since));
    }
  });
});

describe("readTracked", () => {
  it("takes objects of up to 4,096 bytes of JSON", () => {
    const state = { text: "é".repeat(2_042) };
    assert.equal(Buffer.byteLength(JSON.stringify(state)), 4_095);
    assert.deepEqual(readTracked(JSON.stringify(state)), state);
    const larger = { text: `${state.text}aa` };
    assert.throws(() => readTracked(JSON.stringify(larger)), {
      code: "payload-too-large",
      message: "presence of 4097 bytes exceeds 4096",
    });
  });

  it("refuses what is no object, or none that JSON can hold", () => {
    for (const text of [undefined, {}, "", "null", "[]", '"text"', "5", "{", '{"at":1e999}']) {
      refuses(() => readTracked(text));
    }
  });
});
