import assert from "node:assert/strict";
import type { SyncError } from "../../../../shared/errors.ts";
import {
  MAX_JSON_DEPTH,
  MAX_OUTBOX_AGE_MS,
  MAX_OUTBOX_MESSAGES,
  MAX_PAYLOAD_BYTES,
  REQUEST_TIMEOUT_MS,
} from "../../../../shared/limits.ts";
import {
  FakeChannelClient,
  recordMessages,
  REJOIN_MS,
} from "../../../support/fake-channel-client.ts";

const TOPIC = "chat/general";

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => "resolved",
    (error: SyncError) => error.code,
  );
}

function published(client: FakeChannelClient): unknown[] {
  return client.channels.asked("publish").map(({ data }) => data);
}

describe("Channel.publish", () => {
  it("resolves with the receipt: id, offset and the server's time", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel(TOPIC);
    const [receipt] = await Promise.all([channel.publish("message", "hi"), client.settle()]);
    assert.match(receipt.id, /^[0-9a-z]{12}-\d+$/);
    assert.deepEqual([receipt.offset, receipt.timestamp], [1, client.channels.now]);
    const [given] = client.channels.asked("publish");
    assert.deepEqual(given, { topic: TOPIC, event: "message", data: "hi", id: receipt.id });
  });

  it("needs no subscribe, and waits for the first connection", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel(TOPIC, { whenOffline: "reject" });
    client.server.intercept = () => ({ status: 503, body: "" });
    const receipt = channel.publish("message", "hi");
    await client.clock.advance(5_000);
    client.server.intercept = undefined;
    await client.clock.advance(20_000);
    assert.equal((await receipt).offset, 1);
    assert.deepEqual(client.channels.names, ["publish"]);
  });

  it("passes on what is to be stored, what is volatile and an id of one's own", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const [, volatile] = await Promise.all([
      channel.publish("message", 1, { persist: true, id: "my-id" }),
      channel.publish("typing", true, { volatile: true }),
      client.settle(),
    ]);
    assert.equal(volatile.offset, undefined);
    const [one, two] = client.channels.asked("publish");
    assert.deepEqual([one?.["persist"], one?.["id"]], [true, "my-id"]);
    assert.equal(two?.["volatile"], true);
  });

  it("rejects with the server's refusal and when to try again", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const error = { code: "rate-limited", message: "slow down", retryAfterMs: 250 } as const;
    client.channels.refuse = () => error;
    const refused = assert.rejects(channel.publish("message", "hi"), {
      name: "SyncError",
      ...error,
    });
    await client.settle();
    await refused;
  });

  it(`rejects with timed-out after ${REQUEST_TIMEOUT_MS} ms without an answer`, async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    client.channels.hold = () => true;
    const refused = assert.rejects(channel.publish("message", "hi"), { code: "timed-out" });
    await client.clock.advance(REQUEST_TIMEOUT_MS);
    await refused;
  });

  const loop: unknown[] = [];
  loop.push(loop);
  let deep: unknown = 0;
  for (let depth = 0; depth <= MAX_JSON_DEPTH; depth += 1) deep = [deep];
  const unfit: [name: string, data: unknown][] = [
    ["undefined", undefined],
    ["a function", () => undefined],
    ["a symbol", Symbol("s")],
    ["NaN", Number.NaN],
    ["Infinity inside", { a: [1, Infinity] }],
    ["a BigInt", 5n],
    ["undefined inside", { a: undefined }],
    ["a hole", [1, , 3]], // oxlint-disable-line no-sparse-arrays
    ["a Date", new Date(0)],
    ["a Map", new Map()],
    ["bytes", new Uint8Array(3)],
    ["a cycle", loop],
    ["too many levels", deep],
  ];
  for (const [name, data] of unfit) {
    it(`rejects ${name} with payload-invalid and sends nothing`, async () => {
      const client = new FakeChannelClient();
      const channel = client.realtime.channel(TOPIC);
      await assert.rejects(channel.publish("message", data), { code: "payload-invalid" });
      await assert.rejects(channel.editMessage("id", data), { code: "payload-invalid" });
      await client.settle();
      assert.equal(client.server.asked.length, 0, "not even the hub was joined");
    });
  }

  it("takes every JSON value as it is", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard = recordMessages(channel);
    const values = [null, true, 0, -1.5, "", "ä€😀", [], {}, { a: [{ b: null }] }, 2 ** 53];
    await Promise.all([...values.map((each) => channel.publish("message", each)), client.settle()]);
    assert.deepEqual(heard, values);
  });

  it(`takes ${MAX_PAYLOAD_BYTES} UTF-8 bytes of JSON and rejects one more`, async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const fitting = [
      "x".repeat(MAX_PAYLOAD_BYTES - 2),
      "€".repeat((MAX_PAYLOAD_BYTES - 4) / 3) + "xx",
    ];
    for (const text of fitting) {
      const [receipt] = await Promise.all([channel.publish("message", text), client.settle()]);
      assert.ok(receipt.offset !== undefined);
      assert.equal(await codeOf(channel.publish("message", `${text}x`)), "payload-too-large");
    }
    assert.equal(published(client).length, 2);
  });

  it("takes as many bytes of JSON of whatever kind, also where msgpack would need more", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard = recordMessages(channel);
    // 4 bytes each with the comma, 9 in msgpack; the brackets and one comma too many.
    const numbers = Array.from({ length: (MAX_PAYLOAD_BYTES - 4) / 4 }, () => 0.5);
    const fitting = [...numbers, 10];
    assert.equal(JSON.stringify(fitting).length, MAX_PAYLOAD_BYTES);
    await Promise.all([channel.publish("message", fitting), client.settle()]);
    assert.deepEqual(heard, [fitting]);
    const code = await codeOf(channel.publish("message", [...numbers, 100]));
    assert.equal(code, "payload-too-large");
    assert.equal(published(client).length, 1);
  });

  it("carries names like __proto__, halves of characters and a payload as deep as allowed", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard = recordMessages(channel);
    const proto = JSON.parse('{"__proto__":{"polluted":1}}') as unknown;
    const nested = JSON.parse("[".repeat(64) + "]".repeat(64)) as unknown;
    for (const data of [proto, "\ud83d", nested]) {
      await Promise.all([channel.publish("message", data), client.settle()]);
    }
    assert.deepEqual(heard, [proto, "\ud83d", nested]);
    assert.equal(await codeOf(channel.publish("message", [nested])), "payload-invalid");
  });

  for (const event of ["", "*", "presence:join", "recovery", "resync", "x".repeat(129), 5]) {
    it(`rejects the event ${JSON.stringify(event).slice(0, 20)} with payload-invalid`, async () => {
      const client = new FakeChannelClient();
      const channel = client.realtime.channel(TOPIC);
      const refused = channel.publish(event as string, "hi");
      await assert.rejects(refused, { code: "payload-invalid" });
    });
  }

  it("rejects an id that is none with payload-invalid", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel(TOPIC);
    for (const id of ["", "x".repeat(65), 7 as unknown as string]) {
      await assert.rejects(channel.publish("message", 1, { id }), { code: "payload-invalid" });
    }
  });

  it("sends what it was called with, whatever becomes of the object", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel(TOPIC);
    const data = { text: "as it was" };
    const receipt = channel.publish("message", data);
    data.text = "changed";
    await Promise.all([receipt, client.settle()]);
    assert.deepEqual(published(client), [{ text: "as it was" }]);
  });

  it("keeps the order of the calls", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel(TOPIC).subscribe();
    const heard = recordMessages(channel);
    const numbers = Array.from({ length: 20 }, (_, at) => at);
    await Promise.all([...numbers.map((at) => channel.publish("message", at)), client.settle()]);
    assert.deepEqual(heard, numbers);
  });

  it("waits for a subscribe under way, so that its echo finds the listener", async () => {
    const client = new FakeChannelClient();
    client.channels.hold = ({ name }) => name === "subscribe";
    const channel = client.realtime.channel(TOPIC).subscribe();
    const heard = recordMessages(channel);
    const receipt = channel.publish("message", "hi");
    const elsewhere = client.realtime.channel("other").publish("message", "not held up");
    await Promise.all([elsewhere, client.settle()]);
    assert.deepEqual(published(client), ["not held up"]);
    client.channels.release();
    await Promise.all([receipt, client.settle()]);
    assert.deepEqual(heard, ["hi"]);
  });

  it("does not wait for a subscription that is refused", async () => {
    const client = new FakeChannelClient();
    client.channels.refuse = ({ name }) =>
      name === "subscribe" ? { code: "not-allowed", message: "write only" } : undefined;
    const channel = client.realtime.channel(TOPIC).subscribe();
    const [receipt] = await Promise.all([channel.publish("message", "hi"), client.settle()]);
    assert.equal(receipt.offset, 1);
  });
});

describe("Channel.publish while the connection is lost", () => {
  it("waits, and goes out only once the channel is subscribed again", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    const heard = recordMessages(channel);
    client.server.drop();
    await client.settle();
    const receipts = [1, 2].map((data) => channel.publish("message", data));
    client.channels.hold = ({ name }) => name === "subscribe";
    await client.clock.advance(REJOIN_MS);
    assert.deepEqual(client.channels.names, ["subscribe", "subscribe"]);
    client.channels.release();
    await Promise.all([...receipts, client.settle()]);
    assert.deepEqual(client.channels.names.slice(2), ["publish", "publish"]);
    assert.deepEqual(heard, [1, 2]);
  });

  it(`holds the latest ${MAX_OUTBOX_MESSAGES} and rejects the oldest with disconnected`, async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    client.server.drop();
    await client.settle();
    const oldest = [codeOf(channel.publish("message", -2)), codeOf(channel.publish("message", -1))];
    const numbers = Array.from({ length: MAX_OUTBOX_MESSAGES }, (_, at) => at);
    const held = numbers.map((number) => channel.publish("message", number));
    assert.deepEqual(await Promise.all(oldest), ["disconnected", "disconnected"]);
    await client.clock.advance(REJOIN_MS);
    await Promise.all(held);
    assert.deepEqual(
      client.channels.asked("publish").map(({ data }) => data),
      numbers,
    );
  });

  it(`gives one up after ${MAX_OUTBOX_AGE_MS} ms`, async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    client.server.drop();
    client.server.intercept = () => ({ status: 503, body: "" });
    await client.settle();
    const refused = assert.rejects(channel.publish("message", 1), { code: "disconnected" });
    await client.clock.advance(MAX_OUTBOX_AGE_MS);
    await refused;
    client.server.intercept = undefined;
    await client.clock.advance(60_000);
    assert.deepEqual(published(client), []);
  });

  it("is refused at once with whenOffline: reject, and sends nothing later", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed(TOPIC, { whenOffline: "reject" });
    client.server.drop();
    await client.settle();
    assert.equal(await codeOf(channel.publish("message", 1)), "disconnected");
    assert.equal(await codeOf(channel.getHistory()), "disconnected");
    await client.clock.advance(REJOIN_MS);
    assert.deepEqual(client.channels.names, ["subscribe", "subscribe"]);
    await Promise.all([channel.publish("message", 2), client.settle()]);
    assert.deepEqual(published(client), [2]);
  });

  it("sends what had no answer again under the same id, and publishes it once", async () => {
    for (const whenOffline of ["queue", "reject"] as const) {
      const client = new FakeChannelClient();
      const channel = await client.subscribed(TOPIC, { whenOffline });
      const heard = recordMessages(channel);
      client.channels.holdAnswer = ({ name }) => name === "publish";
      const receipt = channel.publish("message", "once");
      await client.settle();
      client.channels.holdAnswer = undefined;
      await client.dropAndReturn();
      assert.equal((await receipt).offset, 1);
      const ids = client.channels.asked("publish").map(({ id }) => id);
      assert.equal(ids.length, 2);
      assert.equal(ids[0], ids[1]);
      assert.deepEqual(heard, ["once"]);
    }
  });

  it("gives up what is volatile and had no answer: it could not be told from another", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    client.channels.hold = ({ name }) => name === "publish";
    const refused = assert.rejects(channel.publish("typing", 1, { volatile: true }), {
      code: "disconnected",
    });
    await client.settle();
    await client.dropAndReturn();
    await refused;
    assert.equal(published(client).length, 1);
  });

  it("settles, and is published at most once, wherever the connection drops", async () => {
    for (let steps = 0; steps < 40; steps += 1) {
      const client = new FakeChannelClient();
      const channel = client.realtime.channel(TOPIC).subscribe();
      const heard = recordMessages(channel);
      const receipt = channel.publish("message", "once");
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      client.server.drop();
      await client.clock.advance(2 * REJOIN_MS);
      assert.equal((await receipt).offset, 1, `after ${steps} steps`);
      assert.deepEqual(heard, ["once"], `after ${steps} steps`);
    }
  });

  it("is refused with closed after a disconnect, waiting or not", async () => {
    const client = new FakeChannelClient();
    const channel = await client.subscribed();
    client.server.drop();
    await client.settle();
    const waiting = codeOf(channel.publish("message", 1));
    client.realtime.disconnect();
    assert.equal(await waiting, "closed");
    assert.equal(await codeOf(channel.publish("message", 2)), "closed");
    assert.equal(await codeOf(channel.getHistory()), "closed");
    assert.equal(await codeOf(channel.track({ a: 1 })), "closed");
    assert.equal(client.clock.pendingTimers, 0);
  });
});

describe("Channel.getHistory", () => {
  const message = {
    id: "m2",
    room_id: TOPIC,
    user_id: "user-2",
    event: "message",
    data: { text: "hi" },
    created_at: 1_700_000_000_000,
    cursor: "c2",
  };

  it("asks for the 50 newest by default, and needs no subscribe", async () => {
    const client = new FakeChannelClient();
    client.channels.history.push(message);
    const channel = client.realtime.channel(TOPIC);
    const [messages] = await Promise.all([channel.getHistory(), client.settle()]);
    assert.deepEqual(messages, [message]);
    assert.deepEqual(client.channels.asked("history"), [{ topic: TOPIC, limit: 50 }]);
    assert.deepEqual(client.channels.names, ["history"]);
  });

  it("goes on from a time or a cursor", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel(TOPIC);
    await Promise.all([
      channel.getHistory(100, message.created_at),
      channel.getHistory(200, message.cursor),
      client.settle(),
    ]);
    assert.deepEqual(client.channels.asked("history"), [
      { topic: TOPIC, limit: 100, before: message.created_at },
      { topic: TOPIC, limit: 200, before: "c2" },
    ]);
  });

  it("rejects a limit or a cursor that is none", async () => {
    const client = new FakeChannelClient();
    const channel = client.realtime.channel(TOPIC);
    for (const limit of [0, -1, 1.5, 201, Number.NaN, "5" as unknown as number]) {
      assert.equal(await codeOf(channel.getHistory(limit)), "payload-invalid", String(limit));
    }
    for (const before of [Number.NaN, Infinity, {} as string, null as unknown as string]) {
      assert.equal(await codeOf(channel.getHistory(5, before)), "payload-invalid", String(before));
    }
    await client.settle();
    assert.equal(client.server.asked.length, 0);
  });

  it("does not wait for a subscribe under way", async () => {
    const client = new FakeChannelClient();
    client.channels.hold = ({ name }) => name === "subscribe";
    const channel = client.realtime.channel(TOPIC).subscribe();
    const [messages] = await Promise.all([channel.getHistory(), client.settle()]);
    assert.deepEqual(messages, []);
  });

  it("edits and deletes stored messages, and resolves with what they say now", async () => {
    const client = new FakeChannelClient();
    client.channels.history.push(message);
    const channel = client.realtime.channel(TOPIC);
    const [edited, deleted] = await Promise.all([
      channel.editMessage("m2", { text: "ho" }),
      channel.deleteMessage("m2"),
      client.settle(),
    ]);
    assert.deepEqual([edited.data, deleted.data], [{ text: "ho" }, null]);
    assert.deepEqual(client.channels.asked("edit"), [
      { topic: TOPIC, id: "m2", data: { text: "ho" } },
    ]);
    assert.deepEqual(client.channels.asked("delete"), [{ topic: TOPIC, id: "m2" }]);
  });
});
