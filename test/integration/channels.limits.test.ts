import assert from "node:assert/strict";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import { MAX_FRAMES_PER_SECOND } from "../../shared/limits.ts";
import { ChannelClient, StoppedServer } from "../support/channel-client.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import type { TestServer } from "../support/start-test-server.ts";

const TOPIC = "chat/general";

describe("the limits of channels", () => {
  let stopped: StoppedServer;
  let server: TestServer<RoomTable>;
  let clock: FakeClock;
  let ada: ChannelClient;
  let bob: ChannelClient;

  beforeEach(async () => {
    const channels = [{ pattern: "**", publish: true }] as const;
    stopped = await StoppedServer.start({ rooms: {}, channels });
    ({ server, clock } = stopped);
    [ada, bob] = await Promise.all([ChannelClient.join(server), ChannelClient.join(server)]);
    await bob.ask("subscribe", { topic: TOPIC });
  });

  afterEach(() => stopped.close());

  const message = { topic: TOPIC, event: "message", data: 1 };

  it("are 100 publications a second for each user, with the time to wait", async () => {
    for (let at = 0; at < 99; at += 1) await ada.publish(TOPIC, at);
    await clock.advance(400);
    await ada.publish(TOPIC, 99, { volatile: true });
    const { code, retryAfterMs } = await ada.refusal("publish", message);
    assert.deepEqual([code, retryAfterMs], ["rate-limited", 600]);
    // Another tab is the same user, another user is not.
    const tab = await ChannelClient.join(server, { token: ada.token });
    assert.equal((await tab.refusal("publish", message)).code, "rate-limited");
    await bob.publish(TOPIC, "bob's");
    await clock.advance(600);
    await ada.publish(TOPIC, "in time");
    await bob.settle();
    assert.equal(bob.heard(TOPIC).length, 102);
    assert.equal(ada.frames.closed, undefined);
  });

  it("count what is refused as well: a mistake is not for free", async () => {
    const wrong = { ...message, event: "*" };
    for (let at = 0; at < 100; at += 1) await ada.refusal("publish", wrong);
    assert.equal((await ada.refusal("publish", message)).code, "rate-limited");
  });

  it("do not hold for the server's own code", async () => {
    const sent = Array.from({ length: 300 }, (_, at) => server.server.realtime.send(TOPIC, at));
    await Promise.all(sent);
    await bob.settle();
    assert.equal(bob.heard(TOPIC).length, 300);
  });

  it("are 256 channels for each connection", async () => {
    for (let at = 0; at < 256; at += 1) {
      await ada.ask("subscribe", { topic: `topic/${at}` });
      if (at % 100 === 99) await clock.advance(1_000);
    }
    const { code } = await ada.refusal("subscribe", { topic: TOPIC });
    assert.equal(code, "channel-limit");
    assert.equal((await ada.refusal("track", { topic: TOPIC, state: {} })).code, "channel-limit");
    await ada.ask("subscribe", { topic: "topic/0" });
    await ada.ask("unsubscribe", { topic: "topic/1" });
    await ada.ask("subscribe", { topic: TOPIC });
    await bob.publish(TOPIC, "hi");
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), ["hi"]);
  });

  it("are 1,048,576 bytes of JSON, on the byte", async () => {
    const data = "é".repeat(524_287);
    await ada.publish(TOPIC, data);
    await bob.settle();
    assert.deepEqual(bob.heard(TOPIC), [data]);
    const refused = await ada.refusal("publish", { ...message, data: `${data}a` });
    assert.equal(refused.code, "payload-too-large");
    assert.equal(refused.message, "payload of 1048577 bytes exceeds 1048576");
    await ada.publish(TOPIC, "goes on");
    await bob.settle();
    assert.equal(bob.heard(TOPIC).length, 2);
  });

  it("close a connection that floods them, and nobody else's", async () => {
    await clock.advance(1_000);
    for (let at = 0; at <= MAX_FRAMES_PER_SECOND; at += 1) {
      void ada.frames.operation("untrack", { topic: TOPIC }).catch(() => {});
    }
    const { code } = await ada.frames.waitForClose();
    assert.equal(code, 4102);
    await bob.publish(TOPIC, "hi");
    assert.deepEqual(bob.heard(TOPIC), ["hi"]);
  });
});
