import assert from "node:assert/strict";
import { CloseCode as StockCloseCode } from "@colyseus/shared-types";
import { CloseCode, isFinalCloseCode } from "../../../../shared/protocol/close-codes.ts";

describe("CloseCode", () => {
  it("has Colyseus's numbers for what Colyseus names too", () => {
    const stock: Record<string, number> = {
      [StockCloseCode.NORMAL_CLOSURE]: CloseCode.NORMAL,
      [StockCloseCode.GOING_AWAY]: CloseCode.GOING_AWAY,
      [StockCloseCode.NO_STATUS_RECEIVED]: CloseCode.NO_STATUS,
      [StockCloseCode.ABNORMAL_CLOSURE]: CloseCode.ABNORMAL,
      [StockCloseCode.CONSENTED]: CloseCode.CONSENTED,
      [StockCloseCode.SERVER_SHUTDOWN]: CloseCode.SERVER_SHUTDOWN,
      [StockCloseCode.WITH_ERROR]: CloseCode.WITH_ERROR,
      [StockCloseCode.FAILED_TO_RECONNECT]: CloseCode.FAILED_TO_RECONNECT,
      [StockCloseCode.MAY_TRY_RECONNECT]: CloseCode.MAY_TRY_RECONNECT,
    };
    for (const [expected, actual] of Object.entries(stock)) assert.equal(actual, Number(expected));
  });

  it("has codes of ours where no code of Colyseus is", () => {
    const taken = new Set<unknown>(Object.values(StockCloseCode));
    const ours = Object.values(CloseCode).filter((code) => code >= 4_100);
    assert.ok(ours.length > 0);
    for (const code of ours) assert.equal(taken.has(code), false, `${code}`);
  });

  it("names each number once", () => {
    const codes = Object.values(CloseCode);
    assert.equal(new Set(codes).size, codes.length);
  });
});

describe("isFinalCloseCode", () => {
  const { CONSENTED, FRAME_MALFORMED, FRAME_TOO_LARGE, VERSION_MISMATCH } = CloseCode;
  const final: number[] = [CONSENTED, FRAME_MALFORMED, FRAME_TOO_LARGE, VERSION_MISMATCH];

  for (const [name, code] of Object.entries(CloseCode)) {
    const isFinal = final.includes(code);
    it(`says that a client ${isFinal ? "stays away" : "comes back"} after ${name}`, () => {
      assert.equal(isFinalCloseCode(code), isFinal);
    });
  }

  it("says that a client comes back after a code that it does not know", () => {
    assert.equal(isFinalCloseCode(4_999), false);
  });
});
