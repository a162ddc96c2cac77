import assert from "node:assert/strict";
import type { Logger } from "../../server/logger.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import { CHANNEL_TYPE } from "../../shared/protocol/channel-messages.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import { ChannelClient } from "../support/channel-client.ts";
import { messageFrame } from "../support/frame-client.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";

const TOPIC = "chat/general";
const logger: Logger = { info: () => {}, warn: () => {}, error: () => {} };

describe("bad input on channels", () => {
  let server: TestServer<RoomTable>;
  let mallory: ChannelClient;
  let bystander: ChannelClient;
  let complaints: unknown[];

  beforeEach(async () => {
    complaints = [];
    const error = (...complaint: unknown[]): number => complaints.push(complaint);
    const channels = [{ pattern: "**", publish: true }] as const;
    server = await startTestServer({ rooms: {}, channels, logger: { ...logger, error } });
    [mallory, bystander] = await Promise.all([
      ChannelClient.join(server),
      ChannelClient.join(server),
    ]);
    await bystander.ask("subscribe", { topic: TOPIC, presence: {} });
  });

  afterEach(async () => {
    try {
      // Whatever happened: nobody was told anything, everybody can go on, no operator is called.
      await mallory.publish(TOPIC, "still there");
      await bystander.settle();
      assert.deepEqual(bystander.heard(TOPIC), ["still there"]);
      assert.deepEqual(bystander.presenceNames(TOPIC), ["join"]);
      assert.equal(mallory.frames.closed, undefined);
      assert.deepEqual(complaints, []);
    } finally {
      await server.close();
    }
  });

  async function refusalOfEnvelope(envelope: unknown): Promise<string> {
    const { status, payload } = await mallory.frames.request(CHANNEL_TYPE, envelope);
    assert.equal(status, 1);
    return (payload as WireError).code;
  }

  it("answers an envelope that is none", async () => {
    const hostile = { toString: 1, valueOf: 1 };
    for (const envelope of [undefined, null, 5, "text", {}, [], [2, "1", "subscribe", {}]]) {
      assert.equal(await refusalOfEnvelope(envelope), "version-mismatch");
    }
    assert.equal(await refusalOfEnvelope([hostile, "1", "subscribe", {}]), "version-mismatch");
    for (const envelope of [
      [1],
      [1, 5, "subscribe"],
      [1, "1", 5],
      [1, "x".repeat(65), "publish"],
    ]) {
      assert.equal(await refusalOfEnvelope(envelope), "payload-invalid");
    }
  });

  it("answers an operation that there is not", async () => {
    for (const name of ["", "__proto__", "constructor", "Publish", "perform", "x".repeat(10_000)]) {
      const { code, message } = await mallory.refusal(name, { topic: TOPIC });
      assert.equal(code, "unknown-message");
      assert.ok(message.length < 100);
    }
  });

  it("answers arguments that are none", async () => {
    for (const name of ["subscribe", "publish", "track", "history"]) {
      for (const given of [undefined, null, 5, "text", [], [TOPIC], {}]) {
        const { code } = await mallory.refusalOfRaw(name, given);
        assert.match(code, /^(topic|payload)-invalid$/, `${name} ${JSON.stringify(given)}`);
      }
    }
    for (const name of ["edit", "delete", "authenticate"]) {
      for (const given of [undefined, null, 5, [], {}, { topic: TOPIC, id: 5, token: {} }]) {
        assert.equal((await mallory.refusalOfRaw(name, given)).code, "payload-invalid");
      }
    }
  });

  it("answers names that are none, in every operation", async () => {
    const operations: [string, object][] = [
      ["subscribe", {}],
      ["publish", { event: "message", data: 1, id: "1" }],
      ["track", { state: {} }],
      ["history", {}],
      ["edit", { id: "1", data: 1 }],
      ["delete", { id: "1" }],
    ];
    const names: unknown[] = [
      "x".repeat(10_000),
      "chat/*",
      "**",
      ">",
      "a\u0000b",
      "a\nb",
      "\u202e",
      "chat//general",
      "/",
      "",
      5,
      { toString: 1, valueOf: 1 },
      [TOPIC],
    ];
    for (const [name, given] of operations) {
      for (const topic of names) {
        const { code, message } = await mallory.refusal(name, { ...given, topic });
        assert.equal(code, "topic-invalid", name);
        assert.ok(message.length < 200);
      }
    }
  });

  it("takes the end of what never began for done", async () => {
    for (const topic of ["never/subscribed", "x".repeat(10_000), 5, undefined, {}]) {
      for (const name of ["unsubscribe", "untrack"]) {
        const { status, payload } = await mallory.frames.operation(name, { topic });
        assert.deepEqual([status, payload], [0, null]);
      }
    }
  });

  it("keeps channels called __proto__, constructor and toString apart from everything", async () => {
    for (const topic of ["__proto__", "constructor", "toString"]) {
      await mallory.ask("subscribe", { topic, presence: { constructor: 1 } });
      assert.equal((await mallory.publish(topic, { constructor: topic })).offset, 1);
      assert.deepEqual(mallory.heard(topic), [{ constructor: topic }]);
      await mallory.ask("unsubscribe", { topic });
    }
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });

  it("answers payloads that are not JSON", async () => {
    const noText = [undefined, null, NaN, 1, 1n, 2n ** 63n, new Date(0), Buffer.from("1"), {}];
    const noJson = ["", " ", "undefined", "NaN", "1,", "[1", "{'a':1}", '"\n"', "01", "\u2028"];
    const tooDeep = ["[".repeat(65) + "]".repeat(65), '{"a":'.repeat(65) + "1" + "}".repeat(65)];
    // What JSON's grammar has and its numbers have not.
    const tooLarge = ["1e400", "[-1e999]"];
    for (const data of [...noText, ...noJson, ...tooDeep, ...tooLarge, "[".repeat(1_000_000)]) {
      const given = { topic: TOPIC, event: "message", data };
      const { code, message } = await mallory.refusalOfRaw("publish", given);
      assert.equal(code, "payload-invalid");
      assert.ok(message.length < 200);
      const tracked = await mallory.refusalOfRaw("track", { topic: TOPIC, state: data });
      assert.match(tracked.code, /^payload-(invalid|too-large)$/);
    }
  });

  it("answers events and keys that are none", async () => {
    const given = { topic: TOPIC, event: "message", data: 1 };
    const events = [undefined, "", 5, {}, "x".repeat(129), "*", "presence:join", "resync"];
    for (const event of events) {
      assert.equal((await mallory.refusal("publish", { ...given, event })).code, "payload-invalid");
    }
    for (const id of [null, "", 5, {}, "x".repeat(65)]) {
      assert.equal((await mallory.refusal("publish", { ...given, id })).code, "payload-invalid");
    }
  });

  it("answers positions, limits and cursors that are none", async () => {
    const hostile = { toString: 1, valueOf: 1 };
    for (const since of [
      5,
      "x",
      true,
      [],
      {},
      { epoch: 1, offset: 1 },
      { epoch: "e", offset: -1 },
    ]) {
      const { code } = await mallory.refusal("subscribe", { topic: TOPIC, since });
      assert.equal(code, "payload-invalid");
    }
    for (const limit of [0, -1, 201, 1.5, "5", {}, hostile, null]) {
      const { code } = await mallory.refusal("history", { topic: TOPIC, limit });
      assert.equal(code, "payload-invalid");
    }
    for (const before of [null, "x", "", {}, hostile, NaN, "1.2.3"]) {
      const { code } = await mallory.refusal("history", { topic: TOPIC, before });
      assert.equal(code, "payload-invalid");
    }
  });

  it("answers ids of messages that are not there, or somebody else's", async () => {
    const { id } = await bystander.publish("another/one", "hi", { persist: true });
    for (const given of [id, "unknown", "", "x".repeat(10_000)]) {
      const topic = "another/one";
      for (const name of ["edit", "delete"]) {
        const refused = await mallory.refusal(name, { topic, id: given, data: 1 });
        assert.equal(refused.code, "not-found");
        assert.ok(refused.message.length < 100);
      }
    }
    const [message] = await mallory.ask("history", { topic: "another/one" });
    assert.equal(message?.data, "hi");
  });

  it("ends only a connection whose frame says more than it holds, or holds no end of it", async () => {
    const frames = {
      "a million arrays in each other": Buffer.alloc(1_000_000, 0x91),
      "a million maps in each other": Buffer.alloc(1_000_000, 0x81),
      "arrays of 30 million": Buffer.from("dd01c9c380".repeat(200), "hex"),
      "a map of 4 billion": Buffer.from("dfffffffff", "hex"),
      "a text of 4 GiB": Buffer.from("dbffffffff41", "hex"),
      "half a number": Buffer.from("cb40", "hex"),
    };
    for (const [what, bytes] of Object.entries(frames)) {
      const { frames: attacker } = await ChannelClient.join(server);
      attacker.send(Buffer.concat([messageFrame(CHANNEL_TYPE), bytes]));
      const { code } = await attacker.waitForClose();
      assert.ok(code === CloseCode.WITH_ERROR || code === CloseCode.FRAME_MALFORMED, what);
    }
  });

  it("does what a message asks for that wants no answer, or nothing", async () => {
    mallory.frames.send(messageFrame(CHANNEL_TYPE, [1, "1", "subscribe", { topic: "x" }]));
    mallory.frames.send(messageFrame(CHANNEL_TYPE, [1, "2", "subscribe", { topic: "a b" }]));
    mallory.frames.send(messageFrame(CHANNEL_TYPE, "nothing"));
    await mallory.settle();
    await server.server.realtime.send("x", "heard");
    await mallory.settle();
    assert.deepEqual(mallory.heard("x"), ["heard"]);
  });
});
