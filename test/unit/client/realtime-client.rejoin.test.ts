import assert from "node:assert/strict";
import { HEARTBEAT_TIMEOUT_MS, RECONNECT_STABLE_MS } from "../../../shared/limits.ts";
import { CloseCode } from "../../../shared/protocol/close-codes.ts";
import { FakeClient, Player } from "../../support/fake-client.ts";
import { refusal } from "../../support/fake-room-server.ts";

/** More than any delay after the first attempts: enough for a rejoin that can succeed. */
const LONG_ENOUGH_MS = 5_000;

describe("RealtimeClient rejoining", () => {
  it("returns to the held seat with the same room, state object and listeners", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const { state, sessionId } = room;
    const events: string[] = [];
    room.onDrop(() => events.push("drop"));
    room.onRejoin(() => events.push(`rejoin at ${room.state.count}`));
    room.onMessage("hi", () => events.push("message"));

    client.server.drop();
    await client.settle();
    assert.equal(room.isConnected, false);
    client.state.count = 5;
    await client.clock.advance(LONG_ENOUGH_MS);

    assert.equal(room.isConnected, true);
    assert.equal(room.state, state);
    assert.equal(room.sessionId, sessionId);
    client.server.room.send(client.server.lastSeat, "hi", null);
    await client.settle();
    assert.deepEqual(events, ["drop", "rejoin at 5", "message"]);
  });

  it("proves the seat outside the address and names the schema it holds", async () => {
    const client = new FakeClient();
    await client.join();
    client.server.drop();
    await client.clock.advance(LONG_ENOUGH_MS);
    const [, asked] = client.server.asked;
    assert.equal(asked?.method, "reconnect");
    assert.equal(asked?.target, "room-1");
    assert.deepEqual(asked?.body, { reconnectionToken: "token-1" });
    assert.equal(asked?.token, "guest-token-1");
    const { url, protocols } = client.server.lastSocket;
    assert.equal(url, "ws://game.test:2567/process-1/room-1?sessionId=session-1");
    assert.deepEqual(protocols, ["atrium.1", "atrium-reconnect.token-1", "atrium-schema.hash-1"]);
  });

  it("brings everything that changed meanwhile into the same state object", async () => {
    const client = new FakeClient();
    client.state.assign({ note: "gone soon" });
    client.state.players.set("a", new Player().assign({ x: 1, title: "king" }));
    client.state.players.set("b", new Player().assign({ x: 2 }));
    client.state.log.push("one", "two");
    const room = await client.join();

    client.server.drop();
    await client.settle();
    client.state.note = undefined;
    client.state.players.delete("b");
    client.state.players.get("a")!.title = undefined;
    client.state.players.set("c", new Player().assign({ x: 3 }));
    client.state.log.shift();
    client.server.room.tick();
    await client.clock.advance(LONG_ENOUGH_MS);

    assert.deepEqual(room.state.toJSON(), client.state.toJSON());
    client.state.players.get("a")!.x = 10;
    client.server.room.tick();
    await client.settle();
    assert.deepEqual(room.state.toJSON(), client.state.toJSON());
  });

  it("joins afresh when the seat is gone", async () => {
    const client = new FakeClient();
    const room = await client.realtime.join("fake", { board: "main" });
    await client.settle();
    client.server.forgetSeats();
    client.server.lastSocket.pair.server.close(CloseCode.ABNORMAL);
    await client.clock.advance(LONG_ENOUGH_MS);
    assert.equal(room.isConnected, true);
    assert.equal(room.sessionId, "session-2");
    const methods = client.server.asked.map(({ method }) => method);
    assert.deepEqual(methods, ["joinOrCreate", "reconnect", "joinOrCreate"]);
    assert.deepEqual(client.server.asked[2]?.body, { board: "main" });
  });

  it("joins afresh at once when the socket says that the seat is gone", async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.drop();
    const seat = client.server.lastSeat;
    const { room: server } = client.server;
    const connect = server.connect.bind(server);
    server.connect = (each, pair) => {
      if (each === seat) pair.server.close(CloseCode.FAILED_TO_RECONNECT);
      else connect(each, pair);
    };
    await client.clock.advance(1_200);
    assert.equal(room.isConnected, true);
    assert.equal(room.sessionId, "session-2");
  });

  it("asks for what it was joined with, whatever became of those options", async () => {
    const client = new FakeClient();
    const options = { board: "main" };
    await client.realtime.join("fake", options);
    await client.settle();
    options.board = "other";
    client.server.restart();
    await client.clock.advance(LONG_ENOUGH_MS);
    assert.deepEqual(client.server.asked.at(-1)?.body, { board: "main" });
  });

  for (const code of [CloseCode.SERVER_SHUTDOWN, CloseCode.REJOIN]) {
    it(`asks the next process for its seat after close code ${code}, and joins anew without one`, async () => {
      const client = new FakeClient();
      const room = await client.join();
      const before = room.state;
      client.server.restart(code);
      client.state.count = 99;
      await client.clock.advance(LONG_ENOUGH_MS);
      assert.equal(room.roomId, "room-2");
      assert.equal(room.state.count, 99);
      assert.notEqual(room.state, before);
      const methods = client.server.asked.map(({ method }) => method);
      assert.deepEqual(methods, ["joinOrCreate", "reconnect", "joinOrCreate"]);
    });
  }

  it("keeps the state of before until the new one is there", async () => {
    const client = new FakeClient();
    client.state.count = 4;
    const room = await client.join();
    client.server.restart();
    await client.settle();
    assert.equal(room.state.count, 4);
  });

  it("tries again after 1, 2, 4, 8, 16, 30 and 30 s, each within a fifth", async () => {
    const client = new FakeClient();
    await client.join();
    client.server.intercept = () => ({ status: 503, body: "" });
    client.server.drop();
    await client.settle();
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      const before = client.server.asked.length;
      await client.clock.advance(seconds * 800 - 1);
      assert.equal(client.server.asked.length, before, `nothing before ${seconds} s - 20 %`);
      await waitForAttempt(client, before, seconds * 400 + 1);
    }
  });

  it("starts from the first delay again only after a connection that lasted", async () => {
    const client = new FakeClient();
    await client.join();
    const dropAfter = async (livedMs: number): Promise<number> => {
      await client.clock.advance(livedMs);
      const before = client.server.asked.length;
      const droppedAt = client.clock.now();
      client.server.drop();
      await waitForAttempt(client, before, 60_000);
      return client.clock.now() - droppedAt;
    };
    assert.ok((await dropAfter(0)) <= 1_200);
    assert.ok((await dropAfter(100)) >= 1_600);
    assert.ok((await dropAfter(100)) >= 3_200);
    assert.ok((await dropAfter(RECONNECT_STABLE_MS)) <= 1_200);
  });

  it("tries at once when the platform wakes it, and only while it is away", async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.drop();
    await client.settle();
    client.wakeSignals.wake();
    await client.settle();
    assert.equal(room.isConnected, true);
    const asked = client.server.asked.length;
    client.wakeSignals.wake();
    await client.settle();
    assert.equal(client.server.asked.length, asked);
  });

  it("waits as long as the server says, whatever wakes it", async () => {
    const client = new FakeClient();
    await client.join();
    client.server.drop();
    client.server.intercept = () => refusal(429, "rate-limited", { retryAfterMs: 20_000 });
    await client.clock.advance(1_200);
    const asked = client.server.asked.length;
    client.wakeSignals.wake();
    await client.clock.advance(19_000);
    assert.equal(client.server.asked.length, asked);
    client.server.intercept = undefined;
    await client.clock.advance(2_500);
    assert.equal(client.realtime.status, "connected");
  });

  it("spreads over the whole delay after a restart that the server announced", async () => {
    const delays = new Set<boolean>();
    for (const random of [0, 0.01, 0.5, 0.99]) {
      const client = new FakeClient({ random: () => random });
      await client.join();
      client.server.restart();
      const before = client.server.asked.length;
      const droppedAt = client.clock.now();
      await waitForAttempt(client, before, 1_000);
      delays.add(Math.abs(client.clock.now() - droppedAt - 1_000 * random) <= 1);
    }
    assert.deepEqual([...delays], [true]);
  });

  it("tells a loss once, however many attempts it takes", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const events: string[] = [];
    room.onDrop(() => events.push("drop"));
    room.onRejoin(() => events.push("rejoin"));
    client.server.intercept = () => ({ status: 503, body: "" });
    client.server.drop();
    await client.clock.advance(30_000);
    client.server.intercept = undefined;
    await client.clock.advance(60_000);
    client.server.drop();
    await client.clock.advance(60_000);
    assert.deepEqual(events, ["drop", "rejoin", "drop", "rejoin"]);
  });

  it(`finds a connection dead within ${HEARTBEAT_TIMEOUT_MS} ms that nobody closed`, async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.lastSocket.pair.cut();
    await client.clock.advance(HEARTBEAT_TIMEOUT_MS);
    assert.equal(room.isConnected, false);
    assert.equal(client.realtime.status, "reconnecting");
    await client.clock.advance(LONG_ENOUGH_MS);
    assert.equal(room.isConnected, true);
  });

  it("keeps a quiet connection whose server answers pings", async () => {
    const client = new FakeClient();
    const room = await client.join();
    await client.clock.advance(120_000);
    assert.equal(room.isConnected, true);
    assert.equal(client.server.sockets.length, 1);
  });

  it("starts over with a new state object when a patch cannot be decoded", async () => {
    const client = new FakeClient();
    client.state.count = 3;
    const room = await client.join();
    const before = room.state;
    const errors: string[] = [];
    room.onError((error) => errors.push(error.code));
    client.server.room.write(client.server.lastSeat, [15, 255, 77, 128, 1]);
    await client.settle();
    assert.equal(room.isConnected, false);
    await client.clock.advance(LONG_ENOUGH_MS);
    assert.equal(room.isConnected, true);
    assert.notEqual(room.state, before);
    assert.equal(room.sessionId, "session-1");
    assert.deepEqual(room.state.toJSON(), client.state.toJSON());
    assert.deepEqual(errors, ["state-malformed"]);
  });

  it("starts over when a frame makes no sense", async () => {
    const client = new FakeClient();
    const room = await client.join();
    client.server.room.write(client.server.lastSeat, [13]);
    await client.clock.advance(LONG_ENOUGH_MS);
    assert.equal(room.isConnected, true);
    assert.equal(client.server.sockets.length, 2);
  });

  it("takes a full state in mid-session as the whole truth", async () => {
    const client = new FakeClient();
    client.state.players.set("a", new Player().assign({ x: 1 }));
    const room = await client.join();
    const { state } = room;
    let changes = 0;
    room.onStateChange(() => {
      changes += 1;
    });
    client.server.lastSocket.pair.hold();
    client.state.players.delete("a");
    client.state.note = "new";
    client.server.room.sendFullState(client.server.lastSeat);
    client.server.lastSocket.pair.release();
    assert.equal(room.state, state);
    assert.deepEqual(room.state.toJSON(), client.state.toJSON());
    assert.equal(changes, 1);
  });

  it("ends with version-mismatch when the state's schema has changed meanwhile", async () => {
    const client = new FakeClient();
    const room = await client.join();
    const events: unknown[] = [];
    room.onError((error) => events.push(error.code));
    room.onLeave((code) => events.push(code));
    client.server.restart();
    client.server.room.schemaHash = "hash-2";
    await client.clock.advance(LONG_ENOUGH_MS);
    assert.deepEqual(events, ["version-mismatch", CloseCode.VERSION_MISMATCH]);
    assert.equal(client.realtime.status, "disconnected");
    assert.equal(client.clock.pendingTimers, 0);
  });

  // A seat in a room that is unknown may only be gone: the room is then asked for by its name.
  for (const [code, requests] of [
    ["auth-failed", 2],
    ["room-unknown", 3],
  ] as const) {
    it(`stops for good when the rejoin is refused with "${code}"`, async () => {
      const client = new FakeClient();
      const room = await client.join();
      const events: unknown[] = [];
      room.onError((error) => events.push(error.code));
      room.onLeave((closeCode) => events.push(closeCode));
      client.server.restart();
      client.server.intercept = () => refusal(401, code);
      await client.clock.advance(60_000);
      assert.deepEqual(events, [code, CloseCode.FAILED_TO_RECONNECT]);
      assert.equal(client.server.asked.length, requests);
      assert.equal(client.clock.pendingTimers, 0);
      assert.equal(client.wakeSignals.listeners, 0);
    });
  }

  for (const code of [CloseCode.CONSENTED, CloseCode.FRAME_TOO_LARGE, CloseCode.FRAME_MALFORMED]) {
    it(`stays away after the server closes with ${code}`, async () => {
      const client = new FakeClient();
      const room = await client.join();
      const left: unknown[] = [];
      room.onLeave((closeCode, reason) => left.push([closeCode, reason]));
      client.server.lastSocket.pair.server.close(code, "because");
      await client.clock.advance(60_000);
      assert.deepEqual(left, [[code, "because"]]);
      assert.equal(client.server.sockets.length, 1);
      assert.equal(client.realtime.status, "disconnected");
    });
  }

  it("asks with the newest token", async () => {
    const client = new FakeClient({ token: "first" });
    await client.join();
    client.realtime.setToken("second");
    client.server.drop();
    await client.clock.advance(LONG_ENOUGH_MS);
    assert.deepEqual(
      client.server.asked.map(({ token }) => token),
      ["first", "second"],
    );
  });

  it("stays in step through random changes, drops, restarts and full states", async () => {
    const client = new FakeClient();
    const room = await client.join();
    for (let round = 0; round < 60; round += 1) {
      const { state } = client;
      state.count = round;
      state.note = round % 3 === 0 ? undefined : `round ${round}`;
      state.players.set(`p${round % 7}`, new Player().assign({ x: round }));
      if (round % 4 === 0) state.players.delete(`p${(round + 3) % 7}`);
      state.log.push(`line ${round}`);
      if (state.log.length > 5) state.log.shift();
      client.server.room.tick();
      if (round % 10 === 9) client.server.restart();
      else if (round % 5 === 4) client.server.drop();
      else if (round % 7 === 6) client.server.room.sendFullState(client.server.lastSeat);
      await client.clock.advance(round % 5 === 4 ? 60_000 : 0);
      assert.deepEqual(room.state.toJSON(), client.state.toJSON(), `after round ${round}`);
    }
  });
});

/** Moves time in small steps until the client asks the server again. */
async function waitForAttempt(client: FakeClient, before: number, atMostMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs <= atMostMs; waitedMs += 1) {
    if (client.server.asked.length > before) return;
    client.clock.advanceSync(1);
    if (waitedMs % 50 === 0) await client.settle();
  }
  await client.settle();
  assert.ok(client.server.asked.length > before, `no attempt within ${atMostMs} ms`);
}
