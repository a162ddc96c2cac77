import assert from "node:assert/strict";
import { TopicQueues } from "../../../../server/channels/topic-queues.ts";

describe("TopicQueues", () => {
  it("keeps the order within a topic and lets topics pass each other", async () => {
    const queues = new TopicQueues();
    const slow = Promise.withResolvers<void>();
    const done: string[] = [];
    const first = queues.run("a", () => slow.promise.then(() => done.push("a1")));
    const second = queues.run("a", () => done.push("a2"));
    await queues.run("b", () => done.push("b1"));
    slow.resolve();
    await Promise.all([first, second]);
    assert.deepEqual(done, ["b1", "a1", "a2"]);
  });

  it("forgets a topic when nothing is left to do there, also when it failed", async () => {
    const queues = new TopicQueues();
    const slow = Promise.withResolvers<void>();
    const pending = queues.run("a", () => slow.promise);
    await queues.run("b", () => 1);
    await assert.rejects(queues.run("c", () => Promise.reject(new Error("no"))));
    assert.equal(queues.size, 1);
    slow.resolve();
    await pending;
    assert.equal(queues.size, 0);
  });
});
