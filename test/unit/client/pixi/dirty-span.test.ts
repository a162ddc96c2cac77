import assert from "node:assert/strict";
import { DirtySpan } from "../../../../client/pixi/dirty-span.ts";

describe("DirtySpan", () => {
  it("has nothing to take when nothing changed", () => {
    assert.equal(new DirtySpan().take(), undefined);
  });

  it("spans from the first to the last change, whatever their order", () => {
    const span = new DirtySpan();
    span.addRange(70, 71);
    span.addRange(7, 8);
    span.addRange(20, 30);
    assert.deepEqual(span.take(), { start: 7, end: 71 });
  });

  it("starts anew when it was taken", () => {
    const span = new DirtySpan();
    span.addRange(7, 8);
    span.take();
    assert.ok(span.isEmpty);
    span.addRange(9, 10);
    assert.deepEqual(span.take(), { start: 9, end: 10 });
  });
});
