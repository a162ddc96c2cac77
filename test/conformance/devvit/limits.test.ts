import assert from "node:assert/strict";
import { realtime } from "../../../server/devvit/index.ts";
import { devvit, devvitBlocks } from "../../../server/policies/devvit-policies.ts";
import { StoppedServer } from "../../support/channel-client.ts";
import { refusalOf } from "../../support/refusal-of.ts";
import { startTestServer } from "../../support/start-test-server.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { DevvitVisitor, messagesOf, recordCalls } from "./devvit-visitor.ts";

/** JSON of so many bytes in UTF-8, the quotes included. */
const textOf = (bytes: number): string => "x".repeat(bytes - 2);

describe("Devvit's limits", () => {
  it("B17 lets an app send 100 messages a second, and says when the next may go", async () => {
    const stopped = await StoppedServer.start({ rooms: {}, channels: [devvitBlocks()] });
    const { server, clock } = stopped;
    using visitor = new DevvitVisitor(server);
    try {
      const { heard } = await visitor.listen("news");
      const sends = Array.from({ length: 100 }, (_each, n) => realtime.send("news", n));
      await Promise.all(sends);
      // Whoever sends and wherever to, it is one app's second.
      const channel = visitor.realtime.channel("news").subscribe();
      await channel.ready;
      for (const attempt of [
        () => realtime.send("news", "one more"),
        () => realtime.send("scores", "elsewhere"),
        () => channel.publish("message", "by a client"),
      ]) {
        const { code, retryAfterMs } = await refusalOf(attempt);
        assert.equal(code, "rate-limited");
        assert.ok(retryAfterMs !== undefined && retryAfterMs > 0 && retryAfterMs <= 1_000);
      }
      await clock.advance(1_000);
      await realtime.send("news", 100);
      await waitUntil(() => messagesOf(heard).length === 101);
      const expected = Array.from({ length: 101 }, (_each, n) => n);
      assert.deepEqual(messagesOf(heard), expected);
    } finally {
      await stopped.close();
    }
  });

  it("B17 lets a message have 1 MB and not a byte more, and goes on afterwards", async () => {
    await using server = await startTestServer({ rooms: {}, channels: [devvitBlocks()] });
    using visitor = new DevvitVisitor(server);
    const { heard } = await visitor.listen("news");
    const channel = visitor.realtime.channel("news").subscribe();
    await channel.ready;
    for (const send of [
      (text: string) => realtime.send("news", text),
      (text: string) => channel.publish("message", text),
    ]) {
      const refusal = await refusalOf(() => send(textOf(1_048_577)));
      assert.equal(refusal.code, "payload-too-large");
      await send(textOf(1_048_576));
    }
    await waitUntil(() => messagesOf(heard).length === 2);
    assert.equal(visitor.devvit.isRealtimeConnected("news"), true);
  });

  it("B17 lets pages of an app hear 5 channels, and another one when one of them is free", async () => {
    await using server = await startTestServer({ rooms: {}, channels: [devvit()] });
    using ada = new DevvitVisitor(server);
    using bob = new DevvitVisitor(server);
    const names = ["a", "b", "c", "d", "e"];
    const listeners = await Promise.all(names.map((name) => ada.listen(name)));
    await bob.listen("a");
    const { options } = recordCalls("f");
    const sixth = (): unknown => bob.devvit.connectRealtime(options);
    assert.equal((await refusalOf(sixth)).code, "channel-limit");
    await realtime.send("a", "still here");
    await waitUntil(() => messagesOf(listeners[0]!.heard).length === 1);
    await listeners[4]!.disconnect();
    await sixth();
    assert.equal(bob.devvit.isRealtimeConnected("f"), true);
  });

  it("B17 lets the server of an app send to 5 channels, and to another one in a while", async () => {
    const stopped = await StoppedServer.start({ rooms: {}, channels: [devvit()] });
    try {
      await Promise.all(["a", "b", "c", "d", "e"].map((name) => realtime.send(name, 1)));
      const { code, retryAfterMs } = await refusalOf(() => realtime.send("f", 1));
      assert.equal(code, "channel-limit");
      assert.ok(retryAfterMs !== undefined && retryAfterMs > 0);
      await realtime.send("a", 2);
      await stopped.clock.advance(retryAfterMs);
      await realtime.send("f", 1);
    } finally {
      await stopped.close();
    }
  });
});
