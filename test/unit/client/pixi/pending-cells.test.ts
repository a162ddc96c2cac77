import assert from "node:assert/strict";
import { PendingCells } from "../../../../client/pixi/pending-cells.ts";

describe("PendingCells", () => {
  let changes: number;
  let pending: PendingCells;

  beforeEach(() => {
    changes = 0;
    pending = new PendingCells(() => changes++);
  });

  it("shows a choice at once", () => {
    pending.add(3, 5);
    assert.deepEqual(pending.shown(), [{ index: 3, color: 5 }]);
    assert.equal(changes, 1);
  });

  it("shows nothing of a choice that was answered", () => {
    const cell = pending.add(3, 5);
    pending.settle(cell);
    assert.deepEqual(pending.shown(), []);
    assert.equal(changes, 2);
  });

  it("shows the newest of two choices for one cell", () => {
    pending.add(3, 5);
    pending.add(3, 6);
    assert.deepEqual(pending.shown(), [{ index: 3, color: 6 }]);
  });

  it("shows the first choice again when the second is rejected", () => {
    pending.add(3, 5);
    pending.settle(pending.add(3, 6));
    assert.deepEqual(pending.shown(), [{ index: 3, color: 5 }]);
  });

  it("ends a choice when the server's value fulfils it, before the answer", () => {
    const cell = pending.add(3, 5);
    pending.confirm(3, 5);
    assert.equal(pending.size, 0);
    pending.settle(cell);
    assert.equal(changes, 2);
  });

  it("keeps a choice when the server's value is another one", () => {
    pending.add(3, 5);
    pending.confirm(3, 6);
    pending.confirm(4, 5);
    assert.equal(pending.size, 1);
    assert.equal(changes, 1);
  });

  it("forgets everything when it is cleared", () => {
    pending.add(3, 5);
    pending.add(4, 5);
    pending.clear();
    pending.clear();
    assert.equal(pending.size, 0);
    assert.equal(changes, 3);
  });
});
