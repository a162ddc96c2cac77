import assert from "node:assert/strict";
import { formatCursor, parseCursor } from "../../../../server/channels/message-cursor.ts";
import type { StoredMessage } from "../../../../server/persistence/store.ts";

describe("a history cursor", () => {
  it("leads back to the message that it was made of", () => {
    for (const position of [
      { createdAt: 0, offset: 1 },
      { createdAt: 1_700_000_000_000, offset: 123_456_789 },
      { createdAt: 8_640_000_000_000_000, offset: Number.MAX_SAFE_INTEGER },
    ]) {
      assert.deepEqual(parseCursor(formatCursor(position as StoredMessage)), position);
    }
  });

  it("may be a time as well, which comes before everything of its millisecond", () => {
    assert.deepEqual(parseCursor(1_700_000_000_000), { createdAt: 1_700_000_000_000 });
  });

  it("is refused when it is anything else", () => {
    const texts = ["", "abc", "1.", ".1", "1.2.3", "1.2 ", "A.B", "-1.2", "1".repeat(13) + ".1"];
    const values: unknown[] = [NaN, Infinity, null, true, {}, [], { toString: 1 }, 5n];
    for (const before of [...texts, ...values]) {
      assert.throws(() => parseCursor(before as string), { code: "payload-invalid" });
    }
  });
});
