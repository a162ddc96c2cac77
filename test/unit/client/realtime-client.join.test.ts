import assert from "node:assert/strict";
import { SyncError } from "../../../shared/errors.ts";
import { JOIN_STEP_TIMEOUT_MS } from "../../../shared/limits.ts";
import { CloseCode } from "../../../shared/protocol/close-codes.ts";
import { FakeClient } from "../../support/fake-client.ts";
import { refusal } from "../../support/fake-room-server.ts";

function isSyncError(code: string): (error: unknown) => boolean {
  return (error) => error instanceof SyncError && error.code === code;
}

describe("RealtimeClient.join", () => {
  it("sends nothing before the first join", async () => {
    const client = new FakeClient();
    await client.settle();
    assert.equal(client.server.asked.length, 0);
    assert.equal(client.realtime.status, "idle");
    assert.equal(client.realtime.user, undefined);
  });

  it("resolves when the first state is applied", async () => {
    const client = new FakeClient();
    client.state.count = 7;
    const room = await client.startJoin();
    assert.equal(room.state.count, 7);
    assert.equal(room.name, "fake");
    assert.equal(room.roomId, "room-1");
    assert.equal(room.sessionId, "session-1");
    assert.equal(room.ticksPerSecond, 20);
    assert.equal(room.isConnected, true);
    assert.deepEqual(room.user, { id: "guest-1", name: "Guest session-1" });
    assert.deepEqual(client.realtime.user, room.user);
  });

  it("waits for the state, not for the handshake", async () => {
    const client = new FakeClient();
    let outcome = "";
    const joining = client.startJoin().then(
      () => (outcome = "joined"),
      (error: SyncError) => (outcome = error.code),
    );
    client.server.room.sendFullState = () => undefined;
    await client.settle();
    assert.equal(client.server.lastSocket.pair.server.received.length, 1);
    assert.equal(outcome, "");
    client.realtime.disconnect();
    assert.equal(await joining, "closed");
  });

  it("asks for the room by name with the join's options", async () => {
    const client = new FakeClient();
    await client.realtime.join("fake", { board: "main" });
    const [asked] = client.server.asked;
    assert.equal(asked?.method, "joinOrCreate");
    assert.equal(asked?.target, "fake");
    assert.deepEqual(asked?.body, { board: "main" });
  });

  it("puts nothing but the session id into the socket's address", async () => {
    const client = new FakeClient({ token: "a-secret" });
    await client.join();
    const { url, protocols } = client.server.lastSocket;
    assert.equal(url, "ws://game.test:2567/process-1/room-1?sessionId=session-1");
    assert.deepEqual(protocols, ["atrium.1"]);
    assert.equal(client.server.asked[0]?.token, "a-secret");
  });

  it("delivers messages that came with the state to listeners added after the join", async () => {
    const client = new FakeClient();
    const joining = client.startJoin();
    const { room } = client.server;
    const stock = room.sendFullState.bind(room);
    room.sendFullState = (seat) => {
      seat.pair?.hold();
      stock(seat);
      room.send(seat, "welcome", { text: "hi" });
      room.send(seat, "welcome", { text: "again" });
      seat.pair?.release();
    };
    const joined = await joining;
    const heard: unknown[] = [];
    joined.onMessage("welcome", (payload) => heard.push(payload));
    await client.settle();
    assert.deepEqual(heard, [{ text: "hi" }, { text: "again" }]);
  });

  it("joins a room of a server that says no hello", async () => {
    const client = new FakeClient();
    client.server.room.saysHello = false;
    const room = await client.join();
    assert.equal(room.state.count, 0);
    assert.deepEqual(room.user, { id: "guest-1", name: "Guest" });
    assert.equal(room.ticksPerSecond, 20);
  });

  it("joins a room without synced state", async () => {
    const client = new FakeClient();
    const { room } = client.server;
    const none = [10, 1, 120, 4, ...new TextEncoder().encode("none"), 0];
    room.joinFrame = () => none;
    room.sendFullState = () => undefined;
    const joined = await client.join();
    assert.equal(joined.state, undefined);
    assert.equal(joined.isConnected, true);
  });

  for (const [code, status] of [
    ["room-unknown", 404],
    ["room-full", 409],
    ["auth-failed", 401],
    ["options-invalid", 400],
  ] as const) {
    it(`rejects with "${code}" when matchmaking refuses so`, async () => {
      const client = new FakeClient();
      client.server.intercept = () => refusal(status, code);
      await assert.rejects(client.startJoin(), isSyncError(code));
      assert.equal(client.realtime.status, "disconnected");
      assert.equal(client.clock.pendingTimers, 0);
    });
  }

  it("passes on when trying again can succeed", async () => {
    const client = new FakeClient();
    client.server.intercept = () => refusal(429, "rate-limited", { retryAfterMs: 1_500 });
    await assert.rejects(client.startJoin(), { code: "rate-limited", retryAfterMs: 1_500 });
  });

  it('rejects with "unreachable" when nothing answers', async () => {
    const client = new FakeClient({ fetch: () => Promise.reject(new TypeError("fetch failed")) });
    await assert.rejects(client.startJoin(), isSyncError("unreachable"));
  });

  it('rejects with "unreachable" when something else than a game server answers', async () => {
    const client = new FakeClient();
    for (const answer of [
      { status: 200, body: "<h1>Sign in to the hotel</h1>" },
      { status: 200, body: { hello: "world" } },
      { status: 502, body: "<h1>Bad gateway</h1>" },
    ]) {
      client.server.intercept = () => answer;
      await assert.rejects(client.startJoin(), isSyncError("unreachable"));
    }
  });

  it('rejects with "timed-out" when matchmaking does not answer', async () => {
    const client = new FakeClient();
    client.server.intercept = () => new Promise(() => undefined);
    const joining = assert.rejects(client.startJoin(), isSyncError("timed-out"));
    await client.clock.advance(JOIN_STEP_TIMEOUT_MS);
    await joining;
    assert.equal(client.clock.pendingTimers, 0);
  });

  it('rejects with "timed-out" when the socket opens and stays silent', async () => {
    const client = new FakeClient();
    client.server.isSilent = true;
    const joining = assert.rejects(client.startJoin(), isSyncError("timed-out"));
    await client.clock.advance(JOIN_STEP_TIMEOUT_MS);
    await joining;
    assert.equal(client.server.lastSocket.pair.client.readyState, 3);
    assert.equal(client.clock.pendingTimers, 0);
  });

  it('rejects with "unreachable" when the socket cannot be opened', async () => {
    const client = new FakeClient({
      webSocket: () => {
        throw new DOMException("refused", "SecurityError");
      },
    });
    await assert.rejects(client.startJoin(), isSyncError("unreachable"));
  });

  for (const [closeCode, code] of [
    [CloseCode.ABNORMAL, "unreachable"],
    [CloseCode.WITH_ERROR, "join-refused"],
    [CloseCode.VERSION_MISMATCH, "version-mismatch"],
    [CloseCode.FLOODED, "rate-limited"],
    [CloseCode.SERVER_SHUTDOWN, "disconnected"],
  ] as const) {
    it(`rejects with "${code}" when the socket closes with ${closeCode} first`, async () => {
      const client = new FakeClient();
      client.server.room.connect = (_seat, pair) => pair.server.close(closeCode, "no");
      await assert.rejects(client.startJoin(), isSyncError(code));
      assert.equal(client.clock.pendingTimers, 0);
    });
  }

  it('rejects with "version-mismatch" when the server speaks another protocol', async () => {
    const client = new FakeClient();
    client.server.room.protocol = 2;
    await assert.rejects(client.startJoin(), isSyncError("version-mismatch"));
    await client.settle();
    const { closed } = client.server.lastSocket.pair.server;
    assert.equal(closed?.code, CloseCode.VERSION_MISMATCH);
  });

  it('rejects with "join-refused" and the reason of an ERROR frame', async () => {
    const client = new FakeClient();
    client.server.room.connect = (_seat, pair) => {
      pair.server.send(Uint8Array.of(11, 5, 0xa2, 0x6e, 0x6f));
    };
    await assert.rejects(client.startJoin(), { code: "join-refused", message: "no" });
  });

  it('rejects with "state-malformed" when the first state cannot be decoded', async () => {
    const client = new FakeClient();
    client.server.room.sendFullState = (seat) => {
      client.server.room.write(seat, [14, 255, 99, 128, 1]);
    };
    await assert.rejects(client.startJoin(), isSyncError("state-malformed"));
  });

  it('rejects with "frame-malformed" when a frame makes no sense', async () => {
    const client = new FakeClient();
    client.server.room.connect = (_seat, pair) => pair.server.send(Uint8Array.of(10, 200, 1));
    await assert.rejects(client.startJoin(), isSyncError("frame-malformed"));
  });

  it('rejects with "options-invalid" when the options are not JSON', async () => {
    const client = new FakeClient();
    const joining = client.realtime.join("fake", { board: 10n });
    await assert.rejects(joining, isSyncError("options-invalid"));
    assert.equal(client.server.asked.length, 0);
    assert.equal(client.realtime.status, "idle");
  });

  it("makes one guest for two rooms that are joined at once", async () => {
    const client = new FakeClient();
    await Promise.all([client.startJoin(), client.startJoin()]);
    const tokens = client.server.asked.map(({ token }) => token);
    assert.deepEqual(tokens, [undefined, "guest-token-1"]);
  });
});
