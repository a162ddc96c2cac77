import assert from "node:assert/strict";
import { realtime } from "../../../server/devvit/index.ts";
import { devvit } from "../../../server/policies/devvit-policies.ts";
import { startTestServer } from "../../support/start-test-server.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { DevvitVisitor, type Listener, messagesOf, recordCalls } from "./devvit-visitor.ts";

// What Devvit's own client does wrong, and this one does not. Two more, of `useChannel`, are
// in `use-channel.test.ts`: B8 and B9.
describe("a bug of Devvit's own client", () => {
  it("suffix matching: a channel's messages went to one whose name is the end of its name", async () => {
    await using server = await startTestServer({ rooms: {}, channels: [devvit()] });
    using visitor = new DevvitVisitor(server);
    const [short, long] = [await visitor.listen("test"), await visitor.listen("my_test")];
    await realtime.send("my_test", "for the long one");
    await realtime.send("test", "for the short one");
    await waitUntil(() => [short, long].every(({ heard }) => heard.length === 2));
    assert.deepEqual(messagesOf(short.heard), ["for the short one"]);
    assert.deepEqual(messagesOf(long.heard), ["for the long one"]);
  });

  it("mutation of shared events: the first who matched renamed an event for all others", async () => {
    await using server = await startTestServer({ rooms: {}, channels: [devvit()] });
    using visitor = new DevvitVisitor(server);
    const frozen: boolean[] = [];
    const core = visitor.realtime.channel("my_test");
    core.on("message", (payload) => frozen.push(Object.isFrozen(payload)));
    core.subscribe();
    await core.ready;
    const names = ["t", "test", "my_test", "my_test"];
    const listeners: Listener[] = [];
    for (const name of names) {
      // In order: the short names come first, as in the bug.
      // oxlint-disable-next-line no-await-in-loop
      listeners.push(await visitor.listen(name));
    }
    await realtime.send("my_test", { text: "hi" });
    await realtime.send("t", "last");
    await waitUntil(() => messagesOf(listeners[0]!.heard).length === 1);
    assert.deepEqual(
      listeners.map(({ heard }) => messagesOf(heard)),
      [["last"], [], [{ text: "hi" }], [{ text: "hi" }]],
    );
    assert.deepEqual(frozen, [true]);
  });

  it("dropped callbacks: a second connection to a channel was never called", async () => {
    await using server = await startTestServer({ rooms: {}, channels: [devvit()] });
    using visitor = new DevvitVisitor(server);
    const [first, second] = [recordCalls("news"), recordCalls("news")];
    const connections = await Promise.all(
      [first, second].map(({ options }) => visitor.devvit.connectRealtime(options)),
    );
    assert.notEqual(connections[0], connections[1]);
    visitor.cut();
    await waitUntil(() => [first, second].every(({ heard }) => heard.length === 3));
    await realtime.send("news", 1);
    await waitUntil(() => [first, second].every(({ heard }) => heard.length === 4));
    assert.deepEqual(first.heard, second.heard);
  });

  it("one disconnect for all: the first who left took the channel from everybody", async () => {
    await using server = await startTestServer({ rooms: {}, channels: [devvit()] });
    using visitor = new DevvitVisitor(server);
    const [first, second] = [await visitor.listen("news"), await visitor.listen("news")];
    await first.disconnect();
    assert.equal(visitor.devvit.isRealtimeConnected("news"), true);
    await realtime.send("news", 1);
    await waitUntil(() => messagesOf(second.heard).length === 1);
    assert.deepEqual(second.heard.at(-1), ["onMessage", 1]);
  });
});
