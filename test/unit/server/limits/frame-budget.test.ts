import assert from "node:assert/strict";
import { FrameBudget } from "../../../../server/limits/frame-budget.ts";

const rates = (
  frames: number,
  frameBytes: number,
): ConstructorParameters<typeof FrameBudget>[0] => ({
  frames: { perSecond: frames, burst: frames },
  frameBytes: { perSecond: frameBytes, burst: frameBytes },
});

describe("FrameBudget", () => {
  it("takes so many frames, and so many bytes, and says what is too much", () => {
    const budget = new FrameBudget(rates(3, 100));
    for (let frame = 0; frame < 3; frame += 1) assert.equal(budget.take(10, 0), undefined);
    assert.equal(budget.take(10, 0), "more than 3 frames a second");
    assert.equal(budget.take(90, 1_000), undefined);
    assert.equal(budget.take(90, 1_000), "more than 100 bytes of frames a second");
    assert.equal(budget.isFull(1_000), false);
    assert.equal(budget.isFull(3_000), true);
  });

  it("takes what it takes from a wider one as well, which several share", () => {
    const user = new FrameBudget(rates(4, 1_000));
    const tabs = [new FrameBudget(rates(3, 1_000), user), new FrameBudget(rates(3, 1_000), user)];
    const [first, second] = tabs.map((tab) => [1, 2, 3, 4].map(() => tab.take(1, 0)));
    const own = "more than 3 frames a second";
    assert.deepEqual(first, [undefined, undefined, undefined, own]);
    assert.deepEqual(second!.slice(0, 2), [undefined, "more than 4 frames a second"]);
  });
});
