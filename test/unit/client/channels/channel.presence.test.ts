import assert from "node:assert/strict";
import type { Channel } from "../../../../client/channels/channel.ts";
import type { SyncError } from "../../../../shared/errors.ts";
import type { RealtimePayload } from "../../../../shared/events/publication.ts";
import {
  MAX_OUTBOX_AGE_MS,
  MAX_PRESENCE_BYTES,
  PRESENCE_INTERVAL_MS,
} from "../../../../shared/limits.ts";
import { FakeChannelClient, record, REJOIN_MS } from "../../../support/fake-channel-client.ts";

const TOPIC = "room/lobby";
const EVENTS = ["presence:sync", "presence:join", "presence:update", "presence:leave"];
const BOB = { name: "Bob", userId: "user-2" };
const EVE = { name: "Eve", userId: "user-3" };

function recordPresence(channel: Channel): unknown[] {
  return record(channel, ...EVENTS);
}

function recordPayloads(channel: Channel, event: string): RealtimePayload[] {
  const heard: RealtimePayload[] = [];
  channel.on(event, (payload) => heard.push(payload));
  return heard;
}

describe("Channel presence", () => {
  it("tells a newcomer everybody: presence:sync, and a join for each marked initial", async () => {
    const client = new FakeChannelClient();
    client.show("user-2", { name: "Bob" }, TOPIC);
    client.show("user-3", { name: "Eve" }, TOPIC);
    const channel = client.realtime.channel(TOPIC);
    const heard = recordPresence(channel);
    const joins = recordPayloads(channel, "presence:join");
    channel.subscribe();
    await client.settle();
    assert.deepEqual(heard, [
      ["presence:sync", [BOB, EVE]],
      ["presence:join", BOB],
      ["presence:join", EVE],
    ]);
    const facts = joins.map(({ type, initial, self, userId }) => [type, initial, self, userId]);
    assert.deepEqual(facts, [
      ["event", true, false, "user-2"],
      ["event", true, false, "user-3"],
    ]);
  });

  it("tells a second handle the same, and the first one nothing again", async () => {
    const client = new FakeChannelClient();
    client.show("user-2", { name: "Bob" }, TOPIC);
    const first = recordPresence(await client.subscribed(TOPIC));
    const second = client.realtime.channel(TOPIC);
    const heard = recordPresence(second);
    second.subscribe();
    await client.settle();
    assert.deepEqual(heard, [
      ["presence:sync", [BOB]],
      ["presence:join", BOB],
    ]);
    assert.deepEqual(first, []);
  });

  it("tells a newcomer sync first when somebody comes in the same moment", async () => {
    const client = new FakeChannelClient();
    client.show("user-2", { name: "Bob" }, TOPIC);
    await client.subscribed(TOPIC);
    const second = client.realtime.channel(TOPIC);
    const heard = recordPresence(second);
    const { pair } = client.server.lastSocket;
    pair.hold();
    client.show("user-3", { name: "Eve" }, TOPIC);
    second.subscribe();
    pair.release();
    await client.settle();
    assert.deepEqual(heard, [
      ["presence:sync", [BOB]],
      ["presence:join", BOB],
      ["presence:join", EVE],
    ]);
  });

  it("tells joins, updates with what was before, and leaves with the reason", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    const heard: unknown[] = [];
    for (const event of EVENTS) {
      channel.on(event, ({ data, old, reason, initial }) => {
        heard.push([event, data, old, reason, initial]);
      });
    }
    client.show("user-2", { name: "Bob", x: 1 }, TOPIC);
    client.show("user-2", { name: "Bob", x: 2 }, TOPIC);
    client.channels.show(client.server.room, TOPIC, "user-2", undefined, "lost");
    await client.settle();
    const [one, two] = [1, 2].map((x) => ({ name: "Bob", x, userId: "user-2" }));
    assert.deepEqual(heard, [
      ["presence:join", one, undefined, undefined, undefined],
      ["presence:update", two, one, undefined, undefined],
      ["presence:leave", two, undefined, "lost", undefined],
    ]);
  });

  it("tells one's own join, marked with self", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    const joins = recordPayloads(channel, "presence:join");
    await Promise.all([channel.track({ name: "Ada" }), client.settle()]);
    assert.equal(joins.length, 1);
    assert.deepEqual(joins[0]?.data, { name: "Ada", userId: "guest-1" });
    assert.equal(joins[0]?.self, true);
    assert.equal(joins[0]?.initial, undefined);
  });

  it("tells one's own join as one's own too when it came with the subscribe", async () => {
    const client = new FakeChannelClient();
    client.show("user-2", { name: "Bob" }, TOPIC);
    const channel = client.realtime.channel(TOPIC);
    const joins = recordPayloads(channel, "presence:join");
    void channel.track({ name: "Ada" });
    channel.subscribe();
    await client.settle();
    assert.deepEqual(
      joins.map(({ data, self, initial }) => [data.name, self, initial]),
      [
        ["Bob", false, true],
        ["Ada", true, undefined],
      ],
    );
  });

  it("knows who is here by user id, in a copy of one's own", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    client.show("user-2", { name: "Bob" }, TOPIC);
    await client.settle();
    const members = channel.presenceState();
    assert.deepEqual([...members], [["user-2", BOB]]);
    members.clear();
    assert.equal(channel.presenceState().size, 1);
    channel.unsubscribe();
    await client.settle();
    assert.equal(channel.presenceState().size, 0);
  });

  it("does not tell twice what the answer and the news both said", async () => {
    const client = new FakeChannelClient();
    client.channels.holdAnswer = ({ name }) => name === "subscribe";
    const channel = client.realtime.channel(TOPIC).subscribe();
    const heard = recordPresence(channel);
    await client.settle();
    client.show("user-2", { name: "Bob" }, TOPIC);
    const { room } = client.server;
    client.channels.release();
    const stamp = { sessionId: "s", timestamp: 1 };
    const again = { event: "presence:join", data: BOB, ...stamp } as const;
    client.channels.tell(room, { kind: "presence", topic: TOPIC, presence: again });
    const gone = { event: "presence:leave", data: EVE, ...stamp } as const;
    client.channels.tell(room, { kind: "presence", topic: TOPIC, presence: gone });
    await client.settle();
    assert.deepEqual(heard, [
      ["presence:sync", []],
      ["presence:join", BOB],
    ]);
  });

  it("tells after a reconnect who came, changed and went meanwhile, and nobody else", async () => {
    const client = new FakeChannelClient();
    for (const [id, name] of [
      ["user-2", "Bob"],
      ["user-3", "Eve"],
      ["user-4", "Kim"],
    ] as const) {
      client.show(id, { name }, TOPIC);
    }
    const channel = await client.subscribed(TOPIC);
    const heard = recordPresence(channel);
    const updates = recordPayloads(channel, "presence:update");
    await client.dropAndReturn(() => {
      client.show("user-2", undefined, TOPIC);
      client.show("user-3", { name: "Eva" }, TOPIC);
      client.show("user-5", { name: "Lee" }, TOPIC);
    });
    const [eva, kim, lee] = [
      { name: "Eva", userId: "user-3" },
      { name: "Kim", userId: "user-4" },
      { name: "Lee", userId: "user-5" },
    ];
    assert.deepEqual(heard, [
      ["presence:sync", [eva, kim, lee]],
      ["presence:leave", BOB],
      ["presence:update", eva],
      ["presence:join", lee],
    ]);
    assert.deepEqual(updates[0]?.old, EVE);
  });
});

describe("Channel.track", () => {
  it("before subscribe is remembered and sent with it", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel(TOPIC);
    const tracked = channel.track({ name: "Ada" });
    channel.subscribe();
    await Promise.all([tracked, client.settle()]);
    assert.deepEqual(
      client.channels.operations.map(({ given }) => given),
      [{ topic: TOPIC, presence: { name: "Ada" } }],
    );
  });

  it("is sent with the subscribe on a connection that stands already, too", async () => {
    const client = new FakeChannelClient();
    await client.realtime.connect();
    const channel = client.realtime.channel(TOPIC);
    void channel.track({ name: "Ada" });
    channel.subscribe();
    await client.settle();
    assert.deepEqual(client.channels.names, ["subscribe"]);
    assert.deepEqual(client.channels.members(TOPIC), [{ name: "Ada", userId: "guest-1" }]);
  });

  it("needs no subscribe", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel(TOPIC);
    await Promise.all([channel.track({ name: "Ada" }), client.settle()]);
    assert.deepEqual(client.channels.names, ["track"]);
    await Promise.all([channel.untrack(), client.clock.advance(PRESENCE_INTERVAL_MS)]);
    assert.deepEqual(client.channels.names, ["track", "untrack"]);
    assert.deepEqual(client.channels.members(TOPIC), []);
  });

  it("again changes what is shown, without a leave and a join", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    const heard = recordPresence(channel);
    await Promise.all([channel.track({ x: 1 }), client.settle()]);
    await Promise.all([channel.track({ x: 2 }), client.clock.advance(PRESENCE_INTERVAL_MS)]);
    assert.deepEqual(heard, [
      ["presence:join", { x: 1, userId: "guest-1" }],
      ["presence:update", { x: 2, userId: "guest-1" }],
    ]);
  });

  it("sends nothing when the state is what is shown already", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    await Promise.all([channel.track({ x: 1 }), client.settle()]);
    await Promise.all([channel.track({ x: 1 }), client.settle()]);
    await client.clock.advance(1_000);
    assert.deepEqual(client.channels.names, ["subscribe", "track"]);
  });

  it("sends the first change at once and then the latest, ten times a second", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    const calls: Promise<void>[] = [];
    for (let x = 1; x <= 100; x += 1) {
      calls.push(channel.track({ x }));
      await client.clock.advance(PRESENCE_INTERVAL_MS / 10);
    }
    await client.clock.advance(PRESENCE_INTERVAL_MS);
    await Promise.all(calls);
    const sent = client.channels.asked("track").map(({ state }) => (state as { x: number }).x);
    assert.equal(sent[0], 1);
    assert.equal(sent.at(-1), 100);
    assert.ok(sent.length >= 10 && sent.length <= 12, `${sent.length} were sent`);
    assert.deepEqual(
      sent,
      sent.toSorted((a, b) => a - b),
    );
  });

  it("survives every reconnect, until untrack", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    await Promise.all([channel.track({ name: "Ada" }), client.settle()]);
    client.server.restart();
    await client.clock.advance(REJOIN_MS);
    const [, again] = client.channels.asked("subscribe");
    assert.deepEqual(again?.["presence"], { name: "Ada" });
    await Promise.all([channel.untrack(), client.clock.advance(PRESENCE_INTERVAL_MS)]);
    client.server.restart();
    await client.clock.advance(2 * REJOIN_MS);
    assert.equal(client.channels.asked("subscribe")[2]?.["presence"], undefined);
    assert.deepEqual(client.channels.members(TOPIC), []);
  });

  it("survives reconnects without a subscription as well", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel(TOPIC);
    await Promise.all([channel.track({ name: "Ada" }), client.settle()]);
    client.server.restart();
    await client.clock.advance(REJOIN_MS);
    assert.deepEqual(client.channels.members(TOPIC), [{ name: "Ada", userId: "guest-1" }]);
  });

  it("is taken back on the held seat when untrack came while away", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    await Promise.all([channel.track({ name: "Ada" }), client.settle()]);
    await client.dropAndReturn(() => void channel.untrack());
    assert.deepEqual(client.channels.names, ["subscribe", "track", "subscribe", "untrack"]);
    assert.deepEqual(client.channels.members(TOPIC), []);
  });

  it("of two handles shows the latest, and the other one again when that ends", async () => {
    const client = new FakeChannelClient();
    const [first, second] = [await client.subscribed(TOPIC), await client.subscribed(TOPIC)];
    await Promise.all([first.track({ by: 1 }), client.clock.advance(PRESENCE_INTERVAL_MS)]);
    await Promise.all([second.track({ by: 2 }), client.clock.advance(PRESENCE_INTERVAL_MS)]);
    assert.deepEqual(client.channels.members(TOPIC), [{ by: 2, userId: "guest-1" }]);
    second.unsubscribe();
    await client.clock.advance(PRESENCE_INTERVAL_MS);
    assert.deepEqual(client.channels.members(TOPIC), [{ by: 1, userId: "guest-1" }]);
    await Promise.all([first.untrack(), client.clock.advance(PRESENCE_INTERVAL_MS)]);
    assert.deepEqual(client.channels.members(TOPIC), []);
  });

  it("ends with the handle's unsubscribe", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    await Promise.all([channel.track({ name: "Ada" }), client.clock.advance(1_000)]);
    channel.unsubscribe();
    await client.clock.advance(1_000);
    assert.deepEqual(client.channels.members(TOPIC), []);
    assert.equal(client.channels.names.at(-1), "unsubscribe");
  });

  it("shows what it was called with, whatever becomes of the object", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel(TOPIC);
    const state = { cursor: { line: 1 } };
    const tracked = channel.track(state);
    state.cursor.line = 99;
    await Promise.all([tracked, client.settle()]);
    assert.deepEqual(client.channels.asked("track")[0]?.["state"], { cursor: { line: 1 } });
  });

  const large = { text: "x".repeat(MAX_PRESENCE_BYTES) };
  const unfit: [name: string, state: unknown, code: string][] = [
    ["null", null, "payload-invalid"],
    ["text", "online", "payload-invalid"],
    ["a list", [1], "payload-invalid"],
    ["undefined inside", { a: undefined }, "payload-invalid"],
    [`more than ${MAX_PRESENCE_BYTES} bytes`, large, "payload-too-large"],
  ];
  for (const [name, state, code] of unfit) {
    it(`rejects ${name} with ${code} and sends nothing`, async () => {
      const client = new FakeChannelClient();
      const channel = client.realtime.channel(TOPIC);
      await assert.rejects(channel.track(state as Record<string, unknown>), { code });
      await client.settle();
      assert.equal(client.server.asked.length, 0);
    });
  }

  it("that is refused costs the channel nothing else", async () => {
    const client = new FakeChannelClient();
    const error = { code: "not-allowed", message: "no presence here" } as const;
    client.channels.refuse = ({ name, given }) =>
      name === "track" || given["presence"] !== undefined ? error : undefined;
    const statuses: string[] = [];
    const channel = client.realtime.channel(TOPIC);
    const refused = assert.rejects(channel.track({ name: "Ada" }), error);
    channel.subscribe((status) => statuses.push(status));
    await client.clock.advance(1_000);
    await refused;
    assert.deepEqual(statuses, ["SUBSCRIBED"]);
    await client.dropAndReturn();
    assert.deepEqual(client.channels.asked("track").length, 1, "it is not tried for ever");
  });

  it("that is refused does not let a publication out before the subscription stands", async () => {
    const client = new FakeChannelClient();
    client.channels.refuse = ({ name, given }) =>
      name === "track" || given["presence"] !== undefined
        ? { code: "not-allowed", message: "no presence here" }
        : undefined;
    const channel = client.realtime.channel(TOPIC);
    const refused = assert.rejects(channel.track({ name: "Ada" }), { code: "not-allowed" });
    const heard = record(channel.subscribe(), "message");
    await Promise.all([channel.publish("message", "hi"), client.clock.advance(1_000), refused]);
    assert.deepEqual(heard, [["message", "hi"]]);
  });

  it("that is refused leaves what was shown before", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    await Promise.all([channel.track({ x: 1 }), client.clock.advance(PRESENCE_INTERVAL_MS)]);
    client.channels.refuse = ({ name }) =>
      name === "track" ? { code: "not-allowed", message: "no" } : undefined;
    const refused = assert.rejects(channel.track({ x: 2 }), { code: "not-allowed" });
    await client.clock.advance(PRESENCE_INTERVAL_MS);
    await refused;
    client.channels.refuse = undefined;
    client.server.restart();
    await client.clock.advance(REJOIN_MS);
    assert.deepEqual(client.channels.members(TOPIC), [{ x: 1, userId: "guest-1" }]);
  });

  it("that is refused after a reconnect is reported through onError", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    const errors: string[] = [];
    channel.onError((error: SyncError) => errors.push(error.code));
    await Promise.all([channel.track({ x: 1 }), client.settle()]);
    client.channels.refuse = ({ name, given }) =>
      name === "track" || given["presence"] !== undefined
        ? { code: "not-allowed", message: "no longer" }
        : undefined;
    await client.dropAndReturn();
    await client.clock.advance(1_000);
    assert.deepEqual(errors, ["not-allowed"]);
  });

  it("that the server takes back is asked for once more, so that it says why", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    const errors: string[] = [];
    channel.onError(({ code }) => errors.push(code));
    await Promise.all([channel.track({ x: 1 }), client.clock.advance(1_000)]);
    client.channels.refuse = () => ({ code: "not-allowed", message: "no longer" });
    client.channels.expel(client.server.room, TOPIC, client.server.lastSeat);
    await client.clock.advance(10_000);
    assert.deepEqual(errors, ["not-allowed"]);
    assert.equal(client.channels.asked("track").length, 2);
  });

  it("is tried again after a refusal of the moment", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC);
    client.channels.refuse = () => ({ code: "rate-limited", message: "slow", retryAfterMs: 500 });
    const tracked = channel.track({ x: 1 });
    await client.clock.advance(499);
    client.channels.refuse = undefined;
    await Promise.all([tracked, client.clock.advance(1)]);
    assert.equal(client.channels.asked("track").length, 2);
  });

  it(`settles: after ${MAX_OUTBOX_AGE_MS} ms away it rejects, and is shown all the same later`, async () => {
    const client = new FakeChannelClient();
    client.server.intercept = () => ({ status: 503, body: "" });
    const channel = client.realtime.channel(TOPIC);
    const refused = assert.rejects(channel.track({ x: 1 }), { code: "disconnected" });
    await client.clock.advance(MAX_OUTBOX_AGE_MS);
    await refused;
    client.server.intercept = undefined;
    await client.clock.advance(60_000);
    assert.deepEqual(client.channels.members(TOPIC), [{ x: 1, userId: "guest-1" }]);
  });

  it("shows the latest state, wherever the connection drops", async () => {
    for (let steps = 0; steps < 40; steps += 1) {
      const client = new FakeChannelClient();
      const channel = client.realtime.channel(TOPIC);
      const calls = [channel.track({ x: 1 })];
      channel.subscribe();
      for (let step = 0; step < steps; step += 1) {
        await Promise.resolve();
        if (step === 5) calls.push(channel.track({ x: 2 }));
      }
      calls.push(channel.track({ x: 3 }));
      client.server.drop();
      await client.clock.advance(2 * REJOIN_MS);
      await Promise.all(calls);
      const members = [{ x: 3, userId: "guest-1" }];
      assert.deepEqual(client.channels.members(TOPIC), members, `after ${steps} steps`);
      assert.deepEqual([...channel.presenceState().values()], members, `after ${steps} steps`);
    }
  });
});
