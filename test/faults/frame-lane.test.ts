import assert from "node:assert/strict";
import { FakeClock } from "../support/fake-clock.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { FrameLane } from "./support/frame-lane.ts";

/** A lane, and the numbers that came out of it; `put` puts one in. */
function createLane(): { lane: FrameLane; arrived: number[]; put: (...numbers: number[]) => void } {
  const lane = new FrameLane();
  const arrived: number[] = [];
  const put = (...numbers: number[]): void => {
    for (const number of numbers) lane.put(Uint8Array.of(number), () => arrived.push(number));
  };
  return { lane, arrived, put };
}

const isTwo = (frame: Uint8Array): boolean => frame[0] === 2;

describe("FrameLane", () => {
  it("lets everything through at once until somebody breaks it", () => {
    const { arrived, put } = createLane();
    put(1, 2, 3);
    assert.deepEqual(arrived, [1, 2, 3]);
  });

  it("holds what goes in, and lets it arrive in one go and in order", () => {
    const { lane, arrived, put } = createLane();
    lane.hold();
    put(1, 2);
    assert.deepEqual(arrived, []);
    lane.release();
    put(3);
    assert.deepEqual(arrived, [1, 2, 3]);
  });

  it("swallows what goes in and what was held, once it is silent", () => {
    const { lane, arrived, put } = createLane();
    lane.hold();
    put(1);
    lane.silence();
    put(2);
    lane.release();
    assert.deepEqual(arrived, []);
  });

  it("keeps the order, however long each frame takes", async () => {
    const { lane, arrived, put } = createLane();
    const clock = new FakeClock();
    const random = new SeededRandom(4);
    const numbers = Array.from({ length: 50 }, (_, number) => number);
    lane.delay(clock, () => random.integer(0, 1_000));
    put(...numbers);
    await clock.advance(500);
    assert.ok(arrived.length < numbers.length);
    await clock.advance(500);
    assert.deepEqual(arrived, numbers);
  });

  it("lets frames of one kind arrive twice", () => {
    const { lane, arrived, put } = createLane();
    lane.repeat(isTwo);
    put(1, 2, 3);
    assert.deepEqual(arrived, [1, 2, 2, 3]);
  });

  it("springs a trap once, behind the frame or in its place", () => {
    for (const passes of [true, false]) {
      const { lane, arrived, put } = createLane();
      lane.trap(isTwo, () => lane.silence(), { passes });
      put(1, 2, 3);
      assert.deepEqual(arrived, passes ? [1, 2] : [1]);
    }
  });

  it("loses the frames that it is told to, and no others", () => {
    const { lane, arrived, put } = createLane();
    lane.lose(isTwo);
    put(1, 2, 3, 2);
    assert.deepEqual(arrived, [1, 3]);
  });

  it("lets a frame arrive behind the next one", () => {
    const { lane, arrived, put } = createLane();
    lane.swap(isTwo);
    put(1, 2, 3, 2);
    assert.deepEqual(arrived, [1, 3, 2]);
    put(2);
    assert.deepEqual(arrived, [1, 3, 2, 2, 2]);
  });
});
