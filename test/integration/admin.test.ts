import assert from "node:assert/strict";
import { connect } from "../../client/connect.ts";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { createServer } from "../../server/create-server.ts";
import type { Logger } from "../../server/logger.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { SyncError } from "../../shared/errors.ts";
import { HUB_ROOM } from "../../shared/protocol/channel-messages.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { waitUntil } from "../support/wait-until.ts";

const KEY = "admin-key-0123456789";

const Count = schema({ value: t.number().default(0) }, "AdminCount");
type Count = SchemaType<typeof Count>;

/** Lets somebody in when the test says so. */
class SlowRoom extends SyncRoom {
  static asked = Promise.withResolvers<void>();
  static letIn = Promise.withResolvers<void>();
  override async onAuth(): Promise<boolean> {
    SlowRoom.asked.resolve();
    await SlowRoom.letIn.promise;
    return true;
  }
}

class CountRoom extends SyncRoom<{ state: Count }> {
  override state = new Count();
  override messages = { add: () => (this.state.value += 1) };
}

const rooms = { count: CountRoom, slow: SlowRoom };

/** Tokens are names; `mod` moderates. */
const auth = {
  verify: (token: string) => ({
    id: token,
    name: token,
    ...(token === "mod" ? { role: "moderator" } : {}),
  }),
};

interface Answer {
  readonly status: number;
  readonly body: Record<string, never> & { sync?: { code: string } };
}

type Asking = RequestInit & { key?: string };

async function ask(
  { httpUrl }: { readonly httpUrl: string },
  method: string,
  path: string,
  { key = KEY, ...init }: Asking = {},
): Promise<Answer> {
  const headers = { Authorization: `Bearer ${key}`, ...(init.headers as object) };
  const response = await fetch(`${httpUrl}/api/admin${path}`, { method, ...init, headers });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as Answer["body"] };
}

describe("the admin API", () => {
  const folder = useTemporaryFolder();
  let runs = 0;
  /** With a folder of its own, unless one is given. */
  const start = (dataFolder = `${folder()}/${(runs += 1)}`): Promise<TestServer<typeof rooms>> =>
    startTestServer({ rooms, auth, dataFolder, admin: { keys: [KEY] } });

  it("lists the rooms with their clients, ticks and owner", async () => {
    await using server = await start();
    const client = await server.joinFrames("count", {}, { token: "ann" });
    await client.intent("add", null);
    const { status, body } = await ask(server, "GET", "/rooms");
    assert.equal(status, 200);
    const [room, ...others] = body["rooms"] as unknown as Record<string, unknown>[];
    assert.equal(others.length, 0);
    const { ticks, owner, ...rest } = room!;
    assert.ok((ticks as number) >= 1);
    assert.equal((owner as { processId: number }).processId, process.pid);
    const { roomId } = client.seat;
    const expected = { roomId, name: "count", clients: 1, maxClients: null };
    assert.deepEqual(rest, { ...expected, isLocked: false, isDurable: false });
  });

  it("says who is in a room, and nothing of how they prove it", async () => {
    await using server = await start();
    const { seat, reconnectionToken } = await server.joinFrames("count", {}, { token: "ann" });
    const { body } = await ask(server, "GET", `/rooms/${seat.roomId}`);
    const [session] = body["sessions"] as unknown as Record<string, unknown>[];
    assert.equal(session?.["userId"], "ann");
    assert.equal(session?.["sessionId"], seat.sessionId);
    assert.ok(!JSON.stringify(body).includes(reconnectionToken!));
  });

  it("kicks a session, which does not come back by itself, and nobody else", async () => {
    await using server = await start();
    const ann = await server.joinFrames("count", {}, { token: "ann" });
    const bob = await server.joinFrames("count", {}, { token: "bob" });
    assert.equal((await ask(server, "DELETE", `/sessions/${ann.seat.sessionId}`)).status, 200);
    assert.equal((await ann.waitForClose()).code, CloseCode.CONSENTED);
    assert.deepEqual(await bob.intent("add", null), { status: 0, payload: 1 });
    assert.equal((await ask(server, "DELETE", `/sessions/${ann.seat.sessionId}`)).status, 404);
  });

  it("closes a room for good, and leaves the others", async () => {
    await using server = await start();
    const ann = await server.joinFrames("count", {}, { token: "ann" });
    const other = await server.joinFrames("count", {}, { token: "bob", method: "create" });
    assert.equal((await ask(server, "DELETE", `/rooms/${ann.seat.roomId}`)).status, 200);
    assert.equal((await ann.waitForClose()).code, CloseCode.CONSENTED);
    assert.deepEqual(await other.intent("add", null), { status: 0, payload: 1 });
    await waitUntil(
      async () => (await ask(server, "GET", `/rooms/${ann.seat.roomId}`)).status === 404,
    );
  });

  it("cuts every session of a banned user, who is then refused, while others play on", async () => {
    await using server = await start();
    const first = await server.joinFrames("count", {}, { token: "ann" });
    const second = await server.joinFrames("count", {}, { token: "ann", method: "create" });
    const bob = await server.joinFrames("count", {}, { token: "bob" });
    const body = JSON.stringify({ reason: "rude" });
    const banned = await ask(server, "PUT", "/bans/ann", { body });
    assert.equal(banned.status, 200);
    assert.equal(banned.body["cutSessions"], 2);
    for (const client of [first, second]) {
      assert.equal((await client.waitForClose()).code, CloseCode.CONSENTED);
    }
    const refused = await server.reserveSeat("count", {}, { token: "ann" });
    assert.equal(refused.status, 403);
    assert.equal(refused.sync?.code, "not-allowed");
    assert.match(refused.error ?? "", /rude/);
    assert.deepEqual(await bob.intent("add", null), { status: 0, payload: 1 });
    assert.equal((await ask(server, "DELETE", "/bans/ann")).status, 200);
    assert.equal((await server.reserveSeat("count", {}, { token: "ann" })).status, 200);
  });

  it("refuses a banned user's seat that was reserved before, and one that was held", async () => {
    await using server = await start();
    const held = await server.joinStock("count", {}, { token: "ann" });
    held.connection.close();
    await waitUntil(() => localRoom(CountRoom, held).clients.length === 0);
    const reserved = await server.reserveSeat("count", {}, { token: "ann", method: "create" });
    await ask(server, "PUT", "/bans/ann");
    const late = server.takeSeat(reserved);
    assert.equal((await late.waitForClose()).code, CloseCode.WITH_ERROR);
    // A stock client comes back with its reconnection token alone, and without matchmaking.
    const [roomId = "", token = ""] = held.reconnectionToken.split(":");
    const query = `sessionId=${held.sessionId}&reconnectionToken=${token}`;
    const socket = new WebSocket(`${server.wsUrl}/process/${roomId}?${query}`);
    const code = await new Promise<number>((resolve) => {
      socket.addEventListener("close", (event) => resolve(event.code));
    });
    assert.equal(code, CloseCode.WITH_ERROR);
  });

  it("cuts a user who is banned while a room decides about the join", async () => {
    await using server = await start();
    const seat = await server.reserveSeat("slow", {}, { token: "ann" });
    const joining = server.takeSeat(seat);
    await SlowRoom.asked.promise;
    assert.equal((await ask(server, "PUT", "/bans/ann")).body["cutSessions"], 0);
    const room = localRoom(SlowRoom, seat);
    SlowRoom.letIn.resolve();
    assert.equal((await joining.waitForClose()).code, CloseCode.CONSENTED);
    assert.equal(room.clients.length, 0);
  });

  it("keeps bans for the next process, and ends them in time", async () => {
    const dataFolder = `${folder()}/kept`;
    {
      await using server = await start(dataFolder);
      await ask(server, "PUT", `/bans/${encodeURIComponent("../ann bö")}`);
      await ask(server, "PUT", "/bans/brief", { body: JSON.stringify({ forMs: 1 }) });
    }
    await using server = await startTestServer({ rooms, auth, dataFolder });
    const refused = await server.reserveSeat("count", {}, { token: "../ann bö" });
    assert.equal(refused.sync?.code ?? refused.status, "not-allowed");
    await waitUntil(
      async () => (await server.reserveSeat("count", {}, { token: "brief" })).status === 200,
    );
  });

  it("lets a page of ours know for good that its user is banned", async () => {
    await using server = await start();
    await ask(server, "PUT", "/bans/ann");
    const realtime = connect<TestServer<typeof rooms>["server"]>(server.wsUrl, { token: "ann" });
    await assert.rejects(
      realtime.join("count"),
      (error) => error instanceof SyncError && error.code === "not-allowed",
    );
    assert.equal(realtime.status, "disconnected");
    realtime.disconnect();
  });

  it("lets moderators in, and no other user", async () => {
    await using server = await startTestServer({ rooms, auth, dataFolder: folder(), admin: {} });
    assert.equal((await ask(server, "GET", "/rooms", { key: "mod" })).status, 200);
    const { status, body } = await ask(server, "GET", "/rooms", { key: "ann" });
    assert.deepEqual([status, body.sync?.code], [403, "not-allowed"]);
  });

  it("refuses a moderator who is banned", async () => {
    const dataFolder = `${folder()}/banned-moderator`;
    const admin = { keys: [KEY], moderators: true };
    await using server = await startTestServer({ rooms, auth, dataFolder, admin });
    await ask(server, "PUT", "/bans/mod");
    assert.equal((await ask(server, "DELETE", "/bans/mod", { key: "mod" })).status, 403);
    assert.equal((await server.reserveSeat("count", {}, { token: "mod" })).status, 403);
  });

  it("refuses moderators where only keys count", async () => {
    await using server = await startTestServer({
      rooms,
      auth,
      dataFolder: `${folder()}/moderators`,
      admin: { keys: [KEY], moderators: false },
    });
    assert.equal((await ask(server, "GET", "/rooms", { key: "mod" })).status, 401);
  });

  it("tells whoever may not use it nothing, not even which paths there are", async () => {
    await using server = await start();
    const { roomId } = await server.reserveSeat("count", {}, { token: "ann" });
    for (const path of ["", "/", "/rooms", `/rooms/${roomId}`, "/bans/ann", "/no/such/path"]) {
      for (const method of ["GET", "PUT", "DELETE", "POST", "PATCH"]) {
        for (const authorization of [
          "",
          KEY,
          `Bearer ${KEY}x`,
          `Basic ${KEY}`,
          "Bearer undefined",
        ]) {
          const headers = { Authorization: authorization };
          const response = await fetch(`${server.httpUrl}/api/admin${path}`, { method, headers });
          const { sync } = (await response.json()) as Answer["body"];
          // `Bearer undefined` is a user of this test's auth, who is no moderator.
          assert.ok([401, 403].includes(response.status), `${method} ${path} ${authorization}`);
          assert.ok(["auth-failed", "not-allowed"].includes(sync?.code ?? ""));
        }
      }
    }
    const inQuery = await fetch(`${server.httpUrl}/api/admin/rooms?key=${KEY}&token=${KEY}`);
    assert.equal(inQuery.status, 401);
    assert.equal((await server.reserveSeat("count", {}, { token: "ann" })).status, 200);
  });

  it("tells who guesses at keys to wait, and not who has the right one", async () => {
    const failures = { perSecond: 1, burst: 5 };
    await using server = await startTestServer({
      rooms,
      auth,
      dataFolder: `${folder()}/guessed`,
      limits: { address: { failures } },
      admin: { keys: [KEY], moderators: false },
      metrics: { keys: [KEY] },
    });
    const statuses: number[] = [];
    for (let guess = 0; guess < 10; guess += 1) {
      statuses.push((await ask(server, "GET", "/rooms", { key: `guess-${guess}` })).status);
    }
    assert.deepEqual(statuses.slice(0, 5), [401, 401, 401, 401, 401]);
    assert.ok(statuses.includes(429), String(statuses));
    const guess = { headers: { Authorization: "Bearer guess" } };
    assert.equal((await fetch(`${server.httpUrl}/metrics`, guess)).status, 429);
    assert.equal((await ask(server, "GET", "/rooms")).status, 200);
  });

  it("refuses pages of other origins, even with the right key", async () => {
    await using server = await start();
    for (const origin of ["https://evil.example", "null"]) {
      const headers = { Origin: origin };
      const { status, body } = await ask(server, "GET", "/rooms", { headers });
      assert.deepEqual([status, body.sync?.code], [403, "forbidden-origin"]);
    }
  });

  it("says what is wrong with a request, and goes on", async () => {
    await using server = await start();
    const wrong: [method: string, path: string, body: string | undefined, status: number][] = [
      ["GET", "/nothing", undefined, 404],
      ["POST", "/rooms", "{}", 400],
      ["GET", "/rooms/no-such-room", undefined, 404],
      ["GET", "/rooms/%E0%A4%A", undefined, 400],
      ["GET", "/rooms/__proto__", undefined, 404],
      ["DELETE", "/rooms/no-such-room", undefined, 404],
      ["DELETE", "/sessions/constructor", undefined, 404],
      ["DELETE", "/bans/nobody", undefined, 404],
      ["PUT", "/bans/ann", "not json", 400],
      ["PUT", "/bans/ann", "[]", 400],
      ["PUT", "/bans/ann", '{"reason":7}', 400],
      ["PUT", "/bans/ann", '{"forMs":-1}', 400],
      ["PUT", "/bans/ann", '{"forMs":"1"}', 400],
      ["PUT", "/bans/ann", '{"forMs":1e999}', 400],
      ["PUT", "/bans/ann", JSON.stringify({ reason: "x".repeat(10_000) }), 413],
      ["PUT", `/bans/${"x".repeat(300)}`, undefined, 400],
    ];
    for (const [method, path, body, status] of wrong) {
      const answer = await ask(server, method, path, body === undefined ? {} : { body });
      assert.equal(answer.status, status, `${method} ${path} ${body}`);
      assert.ok(answer.body.sync?.code);
    }
    assert.deepEqual((await ask(server, "GET", "/bans")).body, { bans: [] });
  });

  it("leaves the hub open, which carries channels", async () => {
    await using server = await start();
    const { seat } = await server.joinFrames(HUB_ROOM, {}, { token: "ann" });
    const { status, body } = await ask(server, "DELETE", `/rooms/${seat.roomId}`);
    assert.deepEqual([status, body.sync?.code], [403, "not-allowed"]);
  });

  it("writes down who did what, and no key", async () => {
    const lines: string[] = [];
    const logger: Logger = {
      info: (message) => lines.push(message),
      warn: (message) => lines.push(message),
      error: (message) => lines.push(message),
    };
    const dataFolder = `${folder()}/logged`;
    const options = { rooms, auth, dataFolder, logger };
    await using server = await startTestServer({
      ...options,
      admin: { keys: [KEY], moderators: true },
    });
    await ask(server, "PUT", `/bans/${encodeURIComponent("ann\nforged line")}`, { key: "mod" });
    await ask(server, "PUT", "/bans/bob");
    const said = lines.filter((line) => line.startsWith("admin: "));
    assert.deepEqual(said, [
      'admin: "mod" banned user "ann\\nforged line"',
      'admin: the holder of a key banned user "bob"',
    ]);
    assert.ok(!lines.join("\n").includes(KEY));
  });

  it("does not exist unless it is asked for", async () => {
    await using server = await startTestServer({ rooms, auth });
    const response = await fetch(`${server.httpUrl}/api/admin/rooms`, {
      headers: { Authorization: "Bearer mod" },
    });
    assert.equal(response.status, 404);
  });

  it("refuses options that nobody could use, or anybody could", () => {
    for (const admin of [{}, { keys: [] }, { moderators: true, keys: [KEY] }]) {
      assert.throws(() => createServer({ rooms, admin }), { code: "options-invalid" });
    }
    const useless = { keys: [], moderators: false };
    assert.throws(() => createServer({ rooms, auth, admin: useless }), { code: "options-invalid" });
    assert.throws(() => createServer({ rooms, admin: { keys: ["short"] } }), RangeError);
  });
});
