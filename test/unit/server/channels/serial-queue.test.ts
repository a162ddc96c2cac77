import assert from "node:assert/strict";
import { SerialQueue } from "../../../../server/channels/serial-queue.ts";

describe("SerialQueue", () => {
  it("has done what needs no waiting when run returns", () => {
    const queue = new SerialQueue();
    const done: string[] = [];
    void queue.run(() => done.push("a"));
    void queue.run(() => done.push("b"));
    assert.deepEqual(done, ["a", "b"]);
    assert.ok(queue.isIdle);
  });

  it("begins with a piece of work when the one before it has ended", async () => {
    const queue = new SerialQueue();
    const first = Promise.withResolvers<string>();
    const begun: string[] = [];
    const results = [
      queue.run(() => first.promise),
      queue.run(() => begun.push("second")),
      queue.run(async () => begun.push("third")),
    ];
    await Promise.resolve();
    assert.deepEqual(begun, []);
    first.resolve("first");
    assert.deepEqual(await Promise.all(results), ["first", 1, 2]);
    assert.deepEqual(begun, ["second", "third"]);
  });

  it("goes on behind work that fails, which only its owner hears of", async () => {
    const queue = new SerialQueue();
    const failing = queue.run(() => Promise.reject(new Error("late")));
    const throwing = queue.run(() => {
      throw new Error("at once");
    });
    const last = queue.run(() => "done");
    await assert.rejects(failing, /late/);
    await assert.rejects(throwing, /at once/);
    assert.equal(await last, "done");
    await assert.rejects(
      queue.run(() => {
        throw new Error("on an idle queue");
      }),
      /on an idle queue/,
    );
  });

  it("is idle again when the promise that run returned settles", async () => {
    const queue = new SerialQueue();
    const running = queue.run(() => Promise.resolve());
    assert.ok(!queue.isIdle);
    await running;
    assert.ok(queue.isIdle);
  });

  it("keeps the order when work adds more work", async () => {
    const queue = new SerialQueue();
    const done: string[] = [];
    let added: Promise<unknown> | undefined;
    const outer = queue.run(async () => {
      added = queue.run(() => done.push("inner"));
      await Promise.resolve();
      done.push("outer");
    });
    const next = queue.run(() => done.push("next"));
    await Promise.all([outer, added, next]);
    assert.deepEqual(done, ["outer", "inner", "next"]);
  });
});
