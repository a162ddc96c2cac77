import assert from "node:assert/strict";
import { createAerostack } from "../../../client/aerostack/index.ts";
import { sdk } from "../../../server/aerostack/index.ts";
import { aerostack } from "../../../server/index.ts";
import { PRESENCE_GRACE_MS } from "../../../shared/limits.ts";
import { FakeChannelClient } from "../../support/fake-channel-client.ts";
import { startTestServer } from "../../support/start-test-server.ts";
import { takeUncaught } from "../../support/take-uncaught.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { PatientClock } from "./patient-clock.ts";
import { Person } from "./person.ts";

const options = { rooms: {}, channels: aerostack() };

/** What Aerostack's own SDK gets wrong, by the name of the bug. */
describe("a bug of Aerostack's SDK that ours has not", () => {
  it("no resubscription after a reconnect: the new connection asks for every channel", async () => {
    const client = new FakeChannelClient();
    const { realtime } = createAerostack(client.realtime);
    const heard: unknown[] = [];
    const channel = realtime.channel("chat/1").on("message", ({ data }) => heard.push(data));
    channel.subscribe();
    await client.settle();
    await client.dropAndReturn();
    assert.equal(client.server.sockets.length, 2);
    assert.equal(client.channels.asked("subscribe").length, 2);
    client.publish("after", "chat/1");
    await client.settle();
    assert.deepEqual(heard, ["after"]);
    realtime.disconnect();
  });

  it("presence not restored after a reconnect: it is, even after the grace", async () => {
    const clock = new PatientClock();
    await using server = await startTestServer({ ...options, clock });
    using ada = new Person(server);
    using bob = new Person(server);
    const his = bob.realtime.channel("room/1").subscribe();
    await his.ready;
    const hers = ada.realtime.channel("room/1").subscribe();
    await hers.track({ name: "Ada" });
    await waitUntil(() => his.presenceState().size === 1);
    ada.goOffline();
    await waitUntil(async () => {
      await clock.advance(PRESENCE_GRACE_MS / 10);
      return his.presenceState().size === 0;
    });
    ada.goOnline();
    await waitUntil(() => his.presenceState().size === 1);
    const [shown] = [...his.presenceState().values()];
    assert.equal(shown?.name, "Ada");
  });

  it("reconnect after disconnect: it stays away", async () => {
    const client = new FakeChannelClient();
    const { realtime } = createAerostack(client.realtime);
    realtime.channel("chat/1").subscribe();
    await client.settle();
    realtime.disconnect();
    await client.clock.advance(120_000);
    assert.equal(client.server.sockets.length, 1);
    assert.equal(realtime.status, "disconnected");
  });

  it("one unsubscribe deletes others' listeners: it ends its own handle", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const heard: unknown[] = [];
    const [one, other] = [ada.realtime.channel("chat/1"), ada.realtime.channel("chat/1")];
    one.on("message", () => assert.fail("it was unsubscribed")).subscribe();
    other.on("message", ({ data }) => heard.push(data)).subscribe();
    await Promise.all([one.ready, other.ready]);
    one.unsubscribe();
    await sdk.socket.emit("message", 1, "chat/1");
    await waitUntil(() => heard.length === 1);
  });

  it("listeners leak that were never subscribed: unsubscribe() forgets them, too", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const channel = ada.realtime.channel("chat/1");
    channel.on("message", () => assert.fail("it was unsubscribed"));
    channel.unsubscribe();
    const heard: unknown[] = [];
    channel.on("message", ({ data }) => heard.push(data)).subscribe();
    await channel.publish("message", 1);
    await waitUntil(() => heard.length === 1);
  });

  it("presence frames dropped: each of the three reaches its listeners", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    using bob = new Person(server);
    const seen: string[] = [];
    const his = bob.realtime.channel("room/1");
    for (const event of ["presence:join", "presence:update", "presence:leave"]) {
      his.on(event, ({ data }) => seen.push(`${event} ${data.at}`));
    }
    await his.subscribe().ready;
    const hers = ada.realtime.channel("room/1");
    await hers.track({ at: 1 });
    await hers.track({ at: 2 });
    await hers.untrack();
    await waitUntil(() => seen.length === 3);
    assert.deepEqual(seen, ["presence:join 1", "presence:update 2", "presence:leave 2"]);
  });

  it("unbounded queue flushed before subscriptions: one's own message is heard after a loss", async () => {
    const client = new FakeChannelClient();
    const { realtime } = createAerostack(client.realtime);
    const heard: unknown[] = [];
    const channel = realtime.channel("chat/1").on("message", ({ data }) => heard.push(data));
    channel.subscribe();
    await client.settle();
    await client.dropAndReturn(() => void channel.publish("message", "queued"));
    assert.deepEqual(client.channels.names.slice(-2), ["subscribe", "publish"]);
    assert.deepEqual(heard, ["queued"]);
    realtime.disconnect();
  });

  it("throwing listener hides the rest: the others are called, and its error is reported", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const heard: string[] = [];
    const errors: unknown[] = [];
    const channel = ada.realtime.channel("chat/1");
    channel.onError(({ code, cause }) => errors.push([code, (cause as Error).message]));
    channel
      .on("message", () => {
        throw new Error("mine to mend");
      })
      .on("message", () => heard.push("second"))
      .on("*", () => heard.push("any"))
      .subscribe();
    await channel.publish("message", 1);
    await waitUntil(() => heard.length === 2);
    assert.deepEqual(heard, ["second", "any"]);
    assert.deepEqual(errors, [["handler-failed", "mine to mend"]]);
  });

  it("acknowledgements ignored: publish tells whether it was taken", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const receipt = await ada.realtime.channel("chat/1").publish("message", 1);
    assert.equal(receipt.offset, 1);
    const refused = ada.realtime.channel("orders").publish("message", 1);
    await assert.rejects(refused, { code: "not-allowed" });
  });

  it("no sign of a refused subscription: it is an uncaught error where nobody listens", async () => {
    await using server = await startTestServer(options);
    using ada = new Person(server);
    const codes: unknown[] = [];
    const uncaught = await takeUncaught(async () => {
      ada.realtime
        .channel("orders")
        .on("INSERT", () => undefined)
        .subscribe();
      const awaited = ada.realtime.channel("users").subscribe();
      await assert.rejects(awaited.ready, { code: "not-allowed" });
      ada.realtime.channel("todos").subscribe((_status, error) => codes.push(error?.code));
      await waitUntil(() => codes.length === 1);
    });
    assert.deepEqual(
      uncaught.map((error) => (error as { code?: string }).code),
      ["not-allowed"],
    );
    assert.deepEqual(codes, ["not-allowed"]);
  });
});
