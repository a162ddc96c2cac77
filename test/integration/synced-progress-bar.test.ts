import assert from "node:assert/strict";
import fc from "fast-check";
import type { JoinedRoom, RoomOf } from "../../client/index.ts";
import { rooms, type Gallery } from "../../examples/rooms.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

type Bar = JoinedRoom<RoomOf<Gallery, "synced-progress-bar">>;

describe("Synced Progress Bar's room", () => {
  let server: TestServer<typeof rooms>;

  beforeEach(async () => {
    server = await startTestServer({ rooms });
  });
  afterEach(async () => {
    await server.close();
  });

  /** Each call comes as another person. */
  function join(post: string): Promise<Bar> {
    return server.connect().join("synced-progress-bar", { post });
  }

  function pointsOf({ state }: Bar): number {
    return [...state.scores.values()].reduce((sum, { points }) => sum + points, 0);
  }

  it("comes to the exact sum of what 6 people push at the same time", async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => join("sum")));
    const everybodyIsAt = async (progress: number): Promise<void> => {
      for (const bar of people) {
        await waitUntil(() => bar.state.progress === progress && pointsOf(bar) === progress);
      }
    };
    await Promise.all(people.map((bar) => bar.request("step", { delta: 10 })));
    await everybodyIsAt(60);
    // Nothing is cut off, in whatever order these arrive.
    await Promise.all([
      ...people.map((bar) => bar.request("step", { delta: -10 })),
      ...people.slice(0, 4).map((bar) => bar.request("step", { delta: 10 })),
    ]);
    await everybodyIsAt(40);
  });

  it("cuts off at 0 and at 100 as one person after the other would, whoever pushes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(10 as const, -10 as const), { minLength: 1, maxLength: 60 }),
        fc.stringMatching(/^[a-z0-9]{12}$/),
        async (deltas, post) => {
          const [ada, bob] = await Promise.all([join(post), join(post)]);
          const answers = await Promise.all(deltas.map((delta) => ada.request("step", { delta })));
          let expected = 0;
          for (const [index, delta] of deltas.entries()) {
            expected = Math.min(100, Math.max(0, expected + delta));
            assert.equal(answers[index]?.progress, expected);
          }
          await waitUntil(() => bob.state.progress === expected);
          assert.equal(pointsOf(ada), expected);
        },
      ),
      { numRuns: 10 },
    );
  });

  it("comes to 100 from 12 clients that push 5 times each, and counts one goal", async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => join("goal")));
    await Promise.all(
      people.flatMap((bar) => Array.from({ length: 5 }, () => bar.request("step", { delta: 10 }))),
    );
    for (const bar of people) {
      await waitUntil(() => bar.state.progress === 100);
      assert.equal(bar.state.goals, 1);
      assert.equal(pointsOf(bar), 100);
    }
  });

  it("takes no other step than ten up and ten down", async () => {
    const bar = await join("odd");
    for (const delta of [0, 1, 20, -20, 10.5, Number.NaN, "10", null]) {
      await assert.rejects(bar.request("step", { delta: delta as 10 }), {
        code: "payload-invalid",
      });
    }
    await bar.request("step", { delta: 10 });
    assert.equal(bar.state.progress, 10);
  });

  it("starts over only when it is full, and only once", async () => {
    const ada = await join("reset");
    const bob = await join("reset");
    await ada.request("step", { delta: 10 });
    assert.deepEqual(await bob.request("reset", {}), { progress: 10 });
    for (let step = 0; step < 9; step++) await ada.request("step", { delta: 10 });
    assert.deepEqual(await ada.request("reset", {}), { progress: 0 });
    await bob.request("step", { delta: 10 });
    assert.deepEqual(await ada.request("reset", {}), { progress: 10 });
    assert.equal(pointsOf(ada), 10);
    assert.equal(ada.state.goals, 1);
  });

  it("remembers the six newest steps that moved the bar", async () => {
    const bar = await join("steps");
    await bar.request("step", { delta: -10 });
    assert.equal(bar.state.steps.length, 0);
    for (let step = 0; step < 8; step++) await bar.request("step", { delta: 10 });
    const numbers = bar.state.steps.map(({ number }) => number);
    assert.deepEqual([...numbers], [3, 4, 5, 6, 7, 8]);
    assert.equal(bar.state.steps[0]?.name, bar.user.name);
  });

  it("keeps a hundred scores at most, and those that moved the bar most", async () => {
    const ada = await join("many");
    for (let step = 0; step < 5; step++) await ada.request("step", { delta: 10 });
    const others = await Promise.all(Array.from({ length: 102 }, () => join("many")));
    await Promise.all(
      others.map((bar, index) => bar.request("step", { delta: index % 2 === 0 ? 10 : -10 })),
    );
    await waitUntil(() => ada.state.scores.size === 100);
    assert.equal(ada.state.scores.get(ada.user.id)?.points, 50);
  });
});
