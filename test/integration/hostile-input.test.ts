import assert from "node:assert/strict";
import { schema, type SchemaType } from "@colyseus/schema";
import { Protocol } from "@colyseus/shared-types";
import { z } from "zod";
import { CloseCode, intent, SyncRoom } from "../../server/index.ts";
import { MAX_FRAME_BURST, MAX_INBOUND_FRAME_BYTES } from "../../shared/limits.ts";
import { HELLO_TYPE } from "../../shared/protocol/hello.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import { grid } from "../../shared/state/grid-field.ts";
import { messageFrame, type FrameClient } from "../support/frame-client.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Canvas = schema({ canvas: grid({ width: 8, height: 8, colors: 8 }) }, "HostileCanvas");
type Canvas = SchemaType<typeof Canvas>;

const Cell = z.object({
  x: z.int().min(0).max(7),
  y: z.int().min(0).max(7),
  color: z.int().min(0).max(7),
});

class CanvasRoom extends SyncRoom<{ state: Canvas }> {
  override state = new Canvas();
  override persistence = { key: ({ board }: { board: string }) => board };
  override messages = {
    place: intent(Cell, (_client, { x, y, color }) => {
      this.state.canvas.set(x, y, color);
      return color;
    }),
  };
}

const rooms = { canvas: CanvasRoom };

/** Shows that room, server and another client are unharmed: a cell reaches the bystander. */
async function assertUnharmed(bystander: FrameClient): Promise<void> {
  const before = bystander.frames.length;
  assert.equal(bystander.closed, undefined);
  for (const color of [1, 2]) {
    const reply = await bystander.intent("place", { x: 7, y: 7, color }, `${before}-${color}`);
    assert.deepEqual(reply, { status: 0, payload: color });
  }
  assert.equal((bystander.state as Canvas).canvas.get(7, 7), 2);
}

describe("hostile input", () => {
  let server: TestServer<typeof rooms>;
  let bystander: FrameClient;

  beforeEach(async () => {
    server = await startTestServer({ rooms });
    bystander = await server.joinFrames("canvas", { board: "main" });
  });

  afterEach(async () => {
    await assertUnharmed(bystander);
    await server.close();
  });

  const join = (): Promise<FrameClient> => server.joinFrames("canvas", { board: "main" });

  for (const [what, payload] of Object.entries({
    "a text in place of a number": { x: "1", y: 0, color: 1 },
    "a huge coordinate": { x: 1e308, y: 0, color: 1 },
    "a negative coordinate": { x: -1, y: 0, color: 1 },
    "a fraction": { x: 0.5, y: 0, color: 1 },
    NaN: { x: Number.NaN, y: 0, color: 1 },
    Infinity: { x: Number.POSITIVE_INFINITY, y: 0, color: 1 },
    "a colour beyond the palette": { x: 0, y: 0, color: 8 },
    nothing: undefined,
    null: null,
    "an array": [1, 2, 3],
    "a function's name": "constructor",
  })) {
    it(`${what} is refused as payload-invalid`, async () => {
      const { status, payload: error } = await (await join()).intent("place", payload);
      assert.equal(status, 1);
      assert.equal((error as { code: string }).code, "payload-invalid");
    });
  }

  for (const name of ["nope", "constructor", "__proto__", "toString", "", "x".repeat(2_000)]) {
    it(`a message named "${name.slice(0, 12)}" is refused as unknown-message`, async () => {
      const { status, payload } = await (await join()).intent(name, {});
      assert.equal(status, 1);
      assert.equal((payload as { code: string }).code, "unknown-message");
    });
  }

  it("a message that nobody takes, and that wants no reply, closes with 4002", async () => {
    const client = await join();
    client.sendMessage("nope", {});
    assert.equal((await client.waitForClose()).code, CloseCode.WITH_ERROR);
  });

  it("a frame whose type or payload cannot be decoded closes with 4101", async () => {
    // In both a text is to come, of 65,535 bytes that are not there.
    const [noType, noPayload] = [await join(), await join()];
    noType.send(Uint8Array.of(Protocol.ROOM_DATA, 0xda, 0xff, 0xff));
    assert.equal((await noType.waitForClose()).code, CloseCode.FRAME_MALFORMED);
    noPayload.send(Uint8Array.of(...messageFrame("place"), 0xda, 0xff, 0xff));
    assert.equal((await noPayload.waitForClose()).code, CloseCode.FRAME_MALFORMED);
  });

  it("an intent of another protocol version is refused as version-mismatch", async () => {
    const client = await join();
    const envelope = [PROTOCOL_VERSION + 1, "id", "place", { x: 0, y: 0, color: 1 }];
    const { payload } = await client.request("atrium:intent", envelope);
    assert.equal((payload as { code: string }).code, "version-mismatch");
  });

  it("a page of another version is greeted, so that it knows, and closed with 4100", async () => {
    const seat = await server.reserveSeat("canvas", { board: "main" });
    const old = server.takeSeat(seat, { subprotocols: [`atrium.${PROTOCOL_VERSION + 1}`] });
    assert.equal((await old.waitForClose()).code, CloseCode.VERSION_MISMATCH);
    assert.equal(old.frames[0]?.type, HELLO_TYPE);
    assert.equal(old.hello?.protocol, PROTOCOL_VERSION);
  });

  it("a page that holds another state schema is closed with 4100", async () => {
    const seat = await server.reserveSeat("canvas", { board: "main" });
    const subprotocols = [`atrium.${PROTOCOL_VERSION}`, "atrium-schema.00000000"];
    const old = server.takeSeat(seat, { subprotocols });
    assert.equal((await old.waitForClose()).code, CloseCode.VERSION_MISMATCH);
  });

  it("an intent sent twice under one id happens once and is answered twice", async () => {
    const client = await join();
    const first = await client.intent("place", { x: 1, y: 1, color: 3 }, "same");
    const second = await client.intent("place", { x: 2, y: 2, color: 4 }, "same");
    assert.deepEqual([first.payload, second.payload], [3, 3]);
    assert.equal((client.state as Canvas).canvas.get(2, 2), 0);
  });

  it("an intent of over 4 KiB is refused as payload-too-large", async () => {
    const { payload } = await (await join()).intent("place", { text: "x".repeat(5_000) });
    assert.equal((payload as { code: string }).code, "payload-too-large");
  });

  it("a message of over 4 KiB that wants no reply closes with 1009", async () => {
    const client = await join();
    client.sendMessage("place", "x".repeat(5_000));
    assert.equal((await client.waitForClose()).code, CloseCode.FRAME_TOO_LARGE);
  });

  it("a frame beyond what the server reads closes with 1009", async () => {
    const client = await join();
    client.send(new Uint8Array(MAX_INBOUND_FRAME_BYTES + 1));
    assert.equal((await client.waitForClose()).code, CloseCode.FRAME_TOO_LARGE);
  });

  it("a flood closes with 4102", async () => {
    const client = await join();
    for (let sent = 0; sent <= 2 * MAX_FRAME_BURST; sent += 1) {
      client.send(Uint8Array.of(Protocol.PING));
    }
    assert.equal((await client.waitForClose()).code, CloseCode.FLOODED);
  });

  it("frames of random bytes close their sender at worst", async () => {
    const random = new SeededRandom(20_261_122);
    for (let round = 0; round < 30; round += 1) {
      const client = await join();
      for (let sent = 0; sent < 20; sent += 1) {
        const frame = Uint8Array.from({ length: random.integer(0, 40) }, () =>
          random.integer(0, 255),
        );
        // Half of them look like something that the room decodes.
        const codes = [Protocol.ROOM_DATA, Protocol.ROOM_REQUEST, Protocol.ROOM_DATA_BYTES];
        if (frame.length > 0 && sent % 2 === 0) frame[0] = random.pick(codes);
        client.send(frame);
      }
      client.drop();
    }
    await assertUnharmed(bystander);
  });

  it("text frames and empty frames close their sender at worst", async () => {
    const client = await join();
    client.socket.send("");
    client.socket.send("hello");
    client.socket.send(new Uint8Array(0));
    await assertUnharmed(bystander);
  });

  for (const [what, board] of Object.entries({
    "a path": "../../etc/passwd",
    "a very long name": "b".repeat(10_000),
    "an emoji": "🎨",
    markup: "<script>alert(1)</script>",
    "the name of a builtin": "constructor",
    ["__proto__"]: "__proto__",
    "line breaks": "a\r\nb",
  })) {
    it(`a board named with ${what} is a room of its own`, async () => {
      const client = await server.joinFrames("canvas", { board });
      assert.match(client.seat.roomId, /^[A-Za-z0-9_-]{1,64}$/);
      assert.notEqual(client.seat.roomId, "main");
      const again = await server.joinFrames("canvas", { board });
      assert.equal(again.seat.roomId, client.seat.roomId);
    });
  }

  for (const board of ["", 7, null, {}, undefined]) {
    it(`a board named ${JSON.stringify(board)} is refused as options-invalid`, async () => {
      const { status, sync } = await server.reserveSeat("canvas", { board });
      assert.equal(status, 400);
      assert.equal(sync?.code, "options-invalid");
    });
  }

  for (const [name, status] of Object.entries({
    nope: 404,
    constructor: 404,
    ["__proto__"]: 404,
  })) {
    it(`a room named "${name}" is refused as room-unknown`, async () => {
      const answer = await server.reserveSeat(name);
      assert.deepEqual([answer.status, answer.sync?.code], [status, "room-unknown"]);
    });
  }

  for (const [what, body, code] of [
    ["not JSON", "{", "options-invalid"],
    ["not an object", "[1]", "options-invalid"],
    ["null", "null", "options-invalid"],
    ["too large", JSON.stringify({ board: "x".repeat(20_000) }), "payload-too-large"],
  ] as const) {
    it(`a matchmaking body that is ${what} is refused as ${code}`, async () => {
      const response = await fetch(`${server.httpUrl}/matchmake/joinOrCreate/canvas`, {
        method: "POST",
        body,
      });
      const { sync } = (await response.json()) as { sync: { code: string } };
      assert.ok(response.status >= 400 && response.status < 500);
      assert.equal(sync.code, code);
    });
  }

  it("join options cannot reach a prototype", async () => {
    const body = '{"board":"proto","__proto__":{"polluted":true}}';
    await fetch(`${server.httpUrl}/matchmake/joinOrCreate/canvas`, { method: "POST", body });
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it("a page of another origin is refused, on HTTP and on the upgrade", async () => {
    const headers = { Origin: "https://elsewhere.example" };
    const answer = await server.reserveSeat("canvas", { board: "main" }, { headers });
    assert.deepEqual([answer.status, answer.sync?.code], [403, "forbidden-origin"]);
    const seat = await server.reserveSeat("canvas", { board: "main" });
    const client = server.takeSeat(seat, { headers });
    assert.equal((await client.waitForClose()).code, CloseCode.ABNORMAL);
  });

  it("a seat that was never reserved, or is taken already, is refused", async () => {
    const client = await server.joinFrames("canvas", { board: "main" });
    for (const seat of [client.seat, { ...client.seat, sessionId: "made-up" }]) {
      const intruder = server.takeSeat(seat);
      assert.equal((await intruder.waitForClose()).code, CloseCode.WITH_ERROR);
    }
    assert.equal(client.closed, undefined);
    await waitUntil(() => client.closed === undefined);
  });
});
