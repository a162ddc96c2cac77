import assert from "node:assert/strict";
import { Room, type Client } from "@colyseus/core";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { Protocol, ProtocolModifier } from "@colyseus/shared-types";
import { Packr } from "msgpackr";
import { z } from "zod";
import { CloseCode, intent, SyncRoom } from "../../server/index.ts";
import { CHANNEL_TYPE } from "../../shared/protocol/channel-messages.ts";
import { INTENT_TYPE } from "../../shared/protocol/intent-frame.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import { messageFrame, requestFrame, type FrameClient } from "../support/frame-client.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Empty = schema({ nothing: t.number() }, "EmptyPayloadState");

/** What any handler of this test was given. */
let handled: unknown[] = [];

class OpenRoom extends SyncRoom {
  override maxIntentBytes = 1_048_576;
  override messages = {
    checked: intent(z.unknown(), (_client, payload) => handled.push(payload)),
    stock: (_client: unknown, payload: unknown) => handled.push(payload),
    "*": (_client: unknown, _name: unknown, payload: unknown) => handled.push(payload),
  };
}

class PlainRoom extends Room {
  override state = new Empty();
  override onCreate(): void {
    this.onMessage("stock", (_client, payload: unknown) => handled.push(payload));
  }
}

const rooms = { open: OpenRoom, plain: PlainRoom };

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = { a: value };
  return value;
}

/** Each could be decoded, at a price or with an effect that its sender should not decide on. */
const REFUSED: [what: string, payload: unknown, reason: RegExp][] = [
  ["nested 33 deep", nested(33), /nested deeper than 32/],
  ["of 10,001 parts", Array.from({ length: 10_001 }, () => ({})), /more than 10000 parts/],
  ["with a part named __proto__", new Map([["__proto__", { polluted: 1 }]]), /"__proto__"/],
  ["with a part named constructor", { constructor: { prototype: 1 } }, /"constructor"/],
];

/** Says more than it holds, in few bytes. */
const BOMBS: [what: string, bytes: string][] = [
  ["an array of 4 billion", "ddffffffff"],
  ["a map of 4 billion", "dfffffffff"],
  ["a text of 4 GiB", "dbffffffff41"],
  ["lists of 30 million in each other", "dd01c9c380".repeat(200)],
  ["half a number", "cb40"],
];

describe("threat: hostile objects and messages that are bombs", () => {
  let server: TestServer<typeof rooms>;
  let bystander: FrameClient;

  beforeEach(async () => {
    handled = [];
    const limits = { connection: { frames: { perSecond: 1, burst: 200 } } };
    server = await startTestServer({ rooms, limits });
    bystander = await server.joinFrames("open");
  });

  afterEach(async () => {
    try {
      assert.deepEqual(handled, []);
      assert.equal((await bystander.intent("checked", "fine")).status, 0);
      assert.deepEqual(handled, ["fine"]);
      assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
    } finally {
      await server.close();
    }
  });

  for (const [what, payload, reason] of REFUSED) {
    it(`a request ${what} is refused as payload-invalid before any handler runs`, async () => {
      const client = await server.joinFrames("open");
      const enveloped = [PROTOCOL_VERSION, "id", "checked", payload];
      for (const [type, given] of [
        [INTENT_TYPE, enveloped],
        ["stock", payload],
        ["whatever", payload],
      ] as const) {
        const reply = await client.request(type, given);
        const { code, message } = reply.payload as { code: string; message: string };
        assert.deepEqual([reply.status, code], [1, "payload-invalid"]);
        // In its envelope the payload is nested once more.
        assert.match(message, reason);
      }
      assert.equal(client.closed, undefined);
    });

    it(`a message ${what} that wants no reply closes with 4002`, async () => {
      const client = await server.joinFrames("open");
      client.sendMessage("stock", payload);
      assert.equal((await client.waitForClose()).code, CloseCode.WITH_ERROR);
    });
  }

  for (const [what, hex] of BOMBS) {
    it(`${what} closes with 4101, in an intent, a stock message and on a channel`, async () => {
      for (const type of [INTENT_TYPE, "stock", CHANNEL_TYPE]) {
        for (const head of [messageFrame(type), requestFrame(1, type)]) {
          const client = await server.joinFrames("open");
          client.send(Buffer.concat([head, Buffer.from(hex, "hex")]));
          assert.equal((await client.waitForClose()).code, CloseCode.FRAME_MALFORMED);
        }
      }
    });
  }

  it("a regular expression is not made of what a client says", async () => {
    const client = await server.joinFrames("open");
    const regexp = Buffer.from("d4780092a628612b292b24a0", "hex");
    client.send(Buffer.concat([messageFrame("stock"), regexp]));
    assert.equal((await client.waitForClose()).code, CloseCode.WITH_ERROR);
  });

  it("a plain Colyseus room is guarded as well, and takes what Colyseus takes", async () => {
    const join = () => server.joinFrames("plain");
    for (const [, hex] of BOMBS) {
      const client = await join();
      client.send(Buffer.concat([messageFrame("stock"), Buffer.from(hex, "hex")]));
      assert.equal((await client.waitForClose()).code, CloseCode.FRAME_MALFORMED);
    }
    const large = await join();
    large.sendMessage("stock", "x".repeat(5_000));
    assert.equal((await large.waitForClose()).code, CloseCode.FRAME_TOO_LARGE);
    const flooding = await join();
    for (let sent = 0; sent < 300; sent += 1) flooding.send(Uint8Array.of(Protocol.PING));
    assert.equal((await flooding.waitForClose()).code, CloseCode.FLOODED);
    const polite = await join();
    assert.equal((await polite.request("stock", { fine: true })).status, 0);
    assert.deepEqual(handled.splice(0), [{ fine: true }]);
  });
});

describe("threat: join options that a client makes up", () => {
  const seen: unknown[] = [];

  class TeamRoom extends SyncRoom {
    static override joinOptions = z.object({ team: z.enum(["red", "blue"]) });
    static override onAuth(_token: string, options: unknown): Promise<boolean> {
      seen.push(options);
      return Promise.resolve(true);
    }
    override persistence = { key: ({ team }: { team: string }) => `team-${team}` };
    override onCreate(options: unknown): void {
      seen.push(options);
    }
    override onJoin(_client: unknown, options: unknown): void {
      seen.push(options);
    }
  }

  beforeEach(() => seen.splice(0));

  it("reach a room as its schema lets them through: unknown names are dropped", async () => {
    await using server = await startTestServer({ rooms: { team: TeamRoom } });
    const made = { team: "red", maxClients: 1e9, metadata: { admin: true }, roomId: "mine" };
    const { seat } = await server.joinFrames("team", made);
    assert.equal(seat.roomId, "team-red");
    const how = { method: "joinById" };
    const byId = await server.reserveSeat(seat.roomId, { team: "blue", admin: true }, how);
    assert.equal(byId.status, 200);
    await server.takeSeat(byId).joined();
    assert.ok(seen.length >= 5);
    for (const options of seen) {
      assert.ok(['{"team":"red"}', '{"team":"blue"}'].includes(JSON.stringify(options)));
    }
  });

  it("are refused as options-invalid when the schema refuses them, and no hook is asked", async () => {
    await using server = await startTestServer({ rooms: { team: TeamRoom } });
    for (const options of [{}, { team: "green" }, { team: ["red"] }, { team: { toString: 1 } }]) {
      const { status, sync } = await server.reserveSeat("team", options);
      assert.deepEqual([status, sync?.code], [400, "options-invalid"]);
      assert.match(sync?.message ?? "", /^options of "join": team: /);
    }
    assert.deepEqual(seen, []);
  });

  it("are refused when they are too deep, too many, or reach for a prototype", async () => {
    await using server = await startTestServer({ rooms: { open: OpenRoom } });
    const bodies = [
      JSON.stringify(nested(33)),
      `{"a":${"[".repeat(8_000)}${"]".repeat(8_000)}}`,
      '{"a":[{"__proto__":{"polluted":1}}]}',
      '{"__proto__":{"polluted":1}}',
      '{"constructor":{"prototype":{"polluted":1}}}',
    ];
    for (const body of bodies) {
      for (const method of ["joinOrCreate", "create", "join", "joinById"]) {
        const url = `${server.httpUrl}/matchmake/${method}/open`;
        const response = await fetch(url, { method: "POST", body });
        const { sync } = (await response.json()) as { sync: { code: string } };
        assert.deepEqual([response.status, sync.code], [400, "options-invalid"], body.slice(0, 40));
      }
    }
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });
});

describe("threat: inputs that never end", () => {
  const Move = schema({ dx: t.int8() }, "EndlessMove");

  class MovingRoom extends SyncRoom<{ state: object; input: SchemaType<typeof Move> }> {
    override state = new Empty();
    override inputs = this.defineInput(Move);
    override messages = { echo: (_client: unknown, payload: unknown) => payload };
  }

  const { ROOM_INPUT_RELIABLE, ROOM_INPUT_UNRELIABLE } = Protocol;
  const TIMED_SERIES = ROOM_INPUT_UNRELIABLE | ProtocolModifier.TIMED;
  const lengths = {
    negative: [0xd0, 0xfe],
    NaN: [0xca, 0, 0, 0xc0, 0x7f],
    huge: [0xce, 9, 9, 9, 9],
  };

  for (const [what, length] of Object.entries(lengths)) {
    it(`with a length that is ${what} are refused, and stop nobody`, async () => {
      await using server = await startTestServer({ rooms: { moving: MovingRoom } });
      const client = await server.joinFrames("moving");
      client.send(Uint8Array.of(ROOM_INPUT_UNRELIABLE, 0, ...length));
      assert.deepEqual(await client.request("echo", "fine"), { status: 0, payload: "fine" });
    });
  }

  it("with more stamps than there is room for close with 4101", async () => {
    await using server = await startTestServer({ rooms: { moving: MovingRoom } });
    for (const count of Object.values(lengths)) {
      const client = await server.joinFrames("moving");
      client.send(Uint8Array.of(TIMED_SERIES, ...count, 0, 0, 0, 0));
      assert.equal((await client.waitForClose()).code, CloseCode.FRAME_MALFORMED);
    }
  });

  it("that are larger than a message may be close with 1009", async () => {
    await using server = await startTestServer({ rooms: { moving: MovingRoom } });
    for (const code of [ROOM_INPUT_RELIABLE, ROOM_INPUT_UNRELIABLE]) {
      const client = await server.joinFrames("moving");
      client.send(Uint8Array.of(code, ...new Uint8Array(5_000)));
      assert.equal((await client.waitForClose()).code, CloseCode.FRAME_TOO_LARGE);
    }
  });
});

describe("threat: JSON that takes long to read", () => {
  const wide = `{${Array.from({ length: 10_000 }, (_, at) => `"n${at}":1`).join()}}`;

  it("is paid for by who sends it: its parts count as well as its bytes", async () => {
    const channels = [{ pattern: "**", publish: true }] as const;
    const limits = { session: { publicationBytes: { perSecond: 1, burst: 2_000_000 } } };
    await using server = await startTestServer({ rooms: {}, channels, limits });
    const client = await server.joinFrames("atrium-hub");
    const say = (data: string) => {
      return client.operation("publish", { topic: "chat", event: "message", data });
    };
    const statuses: number[] = [];
    for (let sent = 0; sent < 5; sent += 1) statuses.push((await say(wide)).status);
    // In bytes it is 98,891, of which there would be twenty.
    assert.deepEqual(statuses, [0, 0, 0, 1, 1]);
    const { payload } = await say(wide);
    assert.equal((payload as { code: string }).code, "rate-limited");
  });

  it("is not read at all where it is nested too deeply", async () => {
    const channels = [{ pattern: "**", publish: true }] as const;
    await using server = await startTestServer({ rooms: {}, channels });
    const client = await server.joinFrames("atrium-hub");
    const data = "[".repeat(1_000_000);
    const { payload } = await client.operation("publish", { topic: "a", event: "message", data });
    const { code, message } = payload as { code: string; message: string };
    assert.deepEqual([code, message], ["payload-invalid", "payload is nested deeper than 64"]);
  });
});

describe("threat: memory of the process in what is sent", () => {
  const SECRET = "a message to somebody else";
  /** Prefix, length, type of the extension, and which typed array it is. */
  const ENVELOPE_BYTES = 5;

  class EchoRoom extends SyncRoom {
    override messages = {
      echo: (client: Client, payload: unknown) => {
        client.send("echoed", payload);
        this.broadcast("relayed", { payload });
        return [payload];
      },
    };
  }

  it("is never there: a typed array that is echoed or relayed is its own bytes", async () => {
    await using server = await startTestServer({ rooms: { echo: EchoRoom } });
    const victim = await server.joinFrames("echo");
    const attacker = await server.joinFrames("echo");
    const zeros = [Float64Array, Float32Array, Int16Array, BigInt64Array].map((Kind) => {
      return new Packr({ moreTypes: true, useRecords: false }).pack(new Kind(400));
    });
    for (const [at, bytes] of zeros.entries()) {
      victim.sendMessage("echo", SECRET.repeat(100));
      await waitUntil(() => victim.messages("echoed").length === at + 1);
      attacker.send(Buffer.concat([requestFrame(at + 1, "echo"), bytes]));
      const reply = await attacker.replyTo(at + 1);
      const seen = [
        (reply.payload as unknown[])[0],
        attacker.messages("echoed")[at],
        (attacker.messages("relayed").at(-1) as { payload: unknown }).payload,
      ];
      for (const each of seen) {
        const received = each as Uint8Array;
        assert.equal(received.byteLength, bytes.byteLength - ENVELOPE_BYTES);
        assert.ok(received.every((byte) => byte === 0));
      }
    }
  });
});
