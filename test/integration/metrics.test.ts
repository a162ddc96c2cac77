import assert from "node:assert/strict";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { createServer } from "../../server/create-server.ts";
import { patterns } from "../../server/policies/patterns-policy.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import { localRoom } from "../support/local-room.ts";
import { KeptStore } from "../support/kept-store.ts";
import { memoryStore } from "../support/memory-store.ts";
import { inEnvironment } from "../support/in-environment.ts";
import { startTestServer, type SeatAnswer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const KEY = "metrics-key-0123456789";

const Count = schema({ value: t.number().default(0) }, "MetricsCount");
type Count = SchemaType<typeof Count>;

class CountRoom extends SyncRoom<{ state: Count }> {
  override state = new Count();
  override messages = { add: () => (this.state.value += 1) };
}

class KeptRoom extends CountRoom {
  override persistence = { key: "kept" };
}

const Texts = schema({ texts: t.map("string") }, "MetricsTexts");

class TextRoom extends SyncRoom<{ state: SchemaType<typeof Texts> }> {
  override state = new Texts();
}

const rooms = { count: CountRoom, kept: KeptRoom, texts: TextRoom };

interface Scrape {
  readonly status: number;
  readonly text: string;
  /** The value of a metric with these labels; undefined: it is not there. */
  read(name: string, labels?: Record<string, string>): number | undefined;
}

async function scrape(
  { httpUrl }: { readonly httpUrl: string },
  headers: Record<string, string> = { Authorization: `Bearer ${KEY}` },
): Promise<Scrape> {
  const response = await fetch(`${httpUrl}/metrics`, { headers });
  const text = await response.text();
  const read: Scrape["read"] = (name, labels = {}) => {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const line = text
      .split("\n")
      .find((each) => /^[^{ ]+/.exec(each)?.[0] === name && wanted.every((w) => each.includes(w)));
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ")));
  };
  return { status: response.status, text, read };
}

describe("GET /metrics", () => {
  it("tells the rooms, the clients, the ticks, the bytes of state and the lag of the loop", async () => {
    await using server = await startTestServer({ rooms, metrics: { keys: [KEY] } });
    const client = await server.joinFrames("count");
    await server.joinFrames("count");
    await client.intent("add", null);
    const { status, read } = await scrape(server);
    assert.equal(status, 200);
    assert.equal(read("atrium_rooms", { room: "count" }), 1);
    assert.equal(read("atrium_clients", { room: "count" }), 2);
    assert.equal(read("atrium_queue_bytes", { room: "count" }), 0);
    assert.ok(read("atrium_tick_lateness_seconds_count")! >= 2);
    assert.ok(read("atrium_patch_bytes_total")! > 0);
    for (const quantile of ["0.5", "0.99", "1"]) {
      assert.ok(read("atrium_loop_lag_seconds", { quantile })! >= 0, quantile);
    }
    assert.ok(read("process_resident_memory_bytes")! > 1_000_000);
  });

  it("forgets a room that has closed", async () => {
    await using server = await startTestServer({ rooms, metrics: { keys: [KEY] } });
    const client = await server.joinFrames("count");
    await client.close(4000);
    await waitUntil(async () => {
      const { read } = await scrape(server);
      return read("atrium_rooms", { room: "count" }) === undefined;
    });
  });

  it("counts refusals by code, over HTTP and in rooms", async () => {
    await using server = await startTestServer({ rooms, metrics: { keys: [KEY] } });
    const client = await server.joinFrames("count");
    await client.intent("no-such-message", null);
    await server.reserveSeat("no-such-room");
    const { read } = await scrape(server);
    assert.equal(read("atrium_rejects_total", { code: "unknown-message" }), 1);
    assert.equal(read("atrium_rejects_total", { code: "room-unknown" }), 1);
  });

  it("times the commits of durable rooms, and counts those that failed", async () => {
    const store = memoryStore();
    await using server = await startTestServer({ rooms, store, metrics: { keys: [KEY] } });
    const client = await server.joinFrames("kept");
    await client.intent("add", null);
    const before = await scrape(server);
    assert.ok(before.read("atrium_commit_seconds_count", { outcome: "saved" })! >= 1);
    store.rooms.appendTick = () => Promise.reject(new Error("disk full"));
    await client.intent("add", null);
    const after = await scrape(server);
    assert.equal(after.read("atrium_commit_seconds_count", { outcome: "failed" }), 1);
  });

  it("counts seats that were got back, and those that were not", async () => {
    await using server = await startTestServer({ rooms, metrics: { keys: [KEY] } });
    const client = await server.joinFrames("count");
    const { seat, reconnectionToken } = client;
    const comeBack = (token: string): Promise<SeatAnswer> =>
      server.reserveSeat(
        seat.roomId,
        { reconnectionToken: token },
        { method: "reconnect", token: seat.identity.token! },
      );
    client.drop();
    await waitUntil(() => localRoom(CountRoom, seat).clients.length === 0);
    assert.equal((await comeBack(reconnectionToken!)).status, 200);
    const subprotocols = [`atrium.${PROTOCOL_VERSION}`, `atrium-reconnect.${reconnectionToken}`];
    await server.takeSeat(seat, { subprotocols }).joined();
    assert.notEqual((await comeBack("wrong-token")).status, 200);
    const { read } = await scrape(server);
    assert.equal(read("atrium_recoveries_total", { what: "seat", outcome: "recovered" }), 1);
    assert.equal(read("atrium_recoveries_total", { what: "seat", outcome: "lost" }), 1);
  });

  it("counts what slow clients skip, and those that are cut off", async () => {
    await using server = await startTestServer({ rooms, metrics: { keys: [KEY] } });
    const slow = await server.joinFrames("texts");
    const room = localRoom(TextRoom, slow.seat);
    slow.pause();
    for (let patch = 0; patch < 100; patch += 1) {
      room.state.texts.set("text", `${patch}`.repeat(200_000));
      room.broadcastPatch();
      room.broadcast("news", "x".repeat(100_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await waitUntil(() => room.clients[0]?.ref.readyState !== WebSocket.OPEN);
    const { read } = await scrape(server);
    assert.equal(read("atrium_conflations_total"), 1);
    assert.equal(read("atrium_slow_client_cuts_total"), 1);
    slow.resume();
  });

  it("counts topics whose loss was made up for, and those where it was not", async () => {
    await using server = await startTestServer({
      rooms,
      channels: patterns(),
      metrics: { keys: [KEY] },
    });
    const client = await server.joinFrames("count");
    const { payload } = await client.operation("subscribe", { topic: "news" });
    const { position } = payload as { position: { epoch: string; offset: number } };
    await client.operation("unsubscribe", { topic: "news" });
    await client.operation("subscribe", { topic: "news", since: position });
    await client.operation("unsubscribe", { topic: "news" });
    await client.operation("subscribe", { topic: "news", since: { epoch: "other", offset: 1 } });
    const { read } = await scrape(server);
    assert.equal(read("atrium_recoveries_total", { what: "topic", outcome: "recovered" }), 1);
    assert.equal(read("atrium_recoveries_total", { what: "topic", outcome: "lost" }), 1);
  });

  it("counts rooms that were restored", async () => {
    const store = new KeptStore();
    {
      await using server = await startTestServer({ rooms, store });
      const client = await server.joinFrames("kept");
      await client.intent("add", null);
    }
    await using server = await startTestServer({ rooms, store, metrics: { keys: [KEY] } });
    await server.joinFrames("kept");
    const { read } = await scrape(server);
    assert.equal(read("atrium_recoveries_total", { what: "room", outcome: "recovered" }), 1);
  });

  it("is closed to whoever has no key, or another one", async () => {
    await using server = await startTestServer({ rooms, metrics: { keys: [KEY] } });
    const wrong: Record<string, string>[] = [
      {},
      { Authorization: KEY },
      { Authorization: "Bearer " },
      { Authorization: `Bearer ${KEY}x` },
      { Authorization: `Bearer ${KEY.slice(0, -1)}` },
      { Authorization: `Basic ${KEY}` },
    ];
    for (const headers of wrong) {
      const { status, text } = await scrape(server, headers);
      assert.deepEqual({ status, text }, { status: 401, text: "" }, JSON.stringify(headers));
    }
    const inQuery = await fetch(`${server.httpUrl}/metrics?token=${KEY}`);
    assert.equal(inQuery.status, 401);
  });

  it("does not exist unless it is asked for", async () => {
    await using server = await startTestServer({ rooms });
    assert.equal((await scrape(server)).status, 404);
  });

  it("is open to everybody where that is said, but never in production", async () => {
    let starting: Promise<TestServer<typeof rooms>> | undefined;
    // Whoever built pages before has told the whole process that this is production.
    inEnvironment({ NODE_ENV: "test" }, () => {
      starting = startTestServer({ rooms, metrics: "open" });
    });
    await using server = (await starting)!;
    assert.equal((await scrape(server, {})).status, 200);
    const open = (): unknown => createServer({ rooms, metrics: "open" });
    inEnvironment({ NODE_ENV: "production" }, () =>
      assert.throws(open, { code: "options-invalid" }),
    );
  });

  it("has a registry of its own for each server", async () => {
    for (const expected of [1, 1]) {
      await using server = await startTestServer({ rooms, metrics: { keys: [KEY] } });
      await server.reserveSeat("no-such-room");
      const { read } = await scrape(server);
      assert.equal(read("atrium_rejects_total", { code: "room-unknown" }), expected);
    }
  });

  it("refuses keys that are missing or easily guessed", () => {
    assert.throws(() => createServer({ rooms, metrics: { keys: [] } }), {
      code: "options-invalid",
    });
    assert.throws(() => createServer({ rooms, metrics: { keys: ["short"] } }), RangeError);
  });
});
