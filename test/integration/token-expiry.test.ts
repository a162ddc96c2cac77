import assert from "node:assert/strict";
import { ClientState, matchMaker, Room } from "@colyseus/core";
import { SignJWT } from "jose";
import { connect } from "../../client/connect.ts";
import { jwt } from "../../server/auth/jwt.ts";
import type { RoomClient } from "../../server/transport/websocket-client.ts";
import { Emitter } from "../../shared/emitter.ts";
import type { SyncError } from "../../shared/errors.ts";
import { TOKEN_GRACE_MS } from "../../shared/limits.ts";
import { HUB_ROOM } from "../../shared/protocol/channel-messages.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { RECONNECT_SUBPROTOCOL_PREFIX } from "../../shared/protocol/protocol-version.ts";
import { FakeClock } from "../support/fake-clock.ts";
import type { FrameClient } from "../support/frame-client.ts";
import { waitUntil } from "../support/wait-until.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type SeatAnswer, type TestServer } from "../support/start-test-server.ts";

const SECRET = new Uint8Array(32).fill(5);
const MINUTE_MS = 60_000;
const EXPIRED = { code: CloseCode.TOKEN_EXPIRED, reason: "the token has expired" };

class PlainRoom extends Room {}

const rooms = { plain: PlainRoom };

describe("a connection whose token expires", () => {
  let clock: FakeClock;
  let server: TestServer<typeof rooms>;
  let turning: NodeJS.Timeout;
  beforeEach(async () => {
    clock = new FakeClock();
    // One of them has no end.
    const auth = jwt({ secret: SECRET, clock, requireExpiry: false });
    server = await startTestServer({ rooms, clock, auth });
    // The hub's tick is a timer of no time; all else stands still.
    turning = setInterval(() => clock.advanceSync(0), 1);
  });
  afterEach(async () => {
    clearInterval(turning);
    await server.close();
  });

  /** A token that is good for so long from now. */
  function tokenFor(durationMs: number | undefined, sub = "ada"): Promise<string> {
    const token = new SignJWT({ name: sub }).setProtectedHeader({ alg: "HS256" }).setSubject(sub);
    if (durationMs !== undefined) token.setExpirationTime(new Date(clock.now() + durationMs));
    return token.sign(SECRET);
  }

  async function join(durationMs?: number): Promise<FrameClient & { seat: SeatAnswer }> {
    return server.joinFrames(HUB_ROOM, {}, { token: await tokenFor(durationMs) });
  }

  function rejoin(client: FrameClient & { seat: SeatAnswer }, token: string): Promise<SeatAnswer> {
    const { reconnectionToken } = client;
    return server.reserveSeat(
      client.seat.roomId,
      { reconnectionToken },
      { method: "reconnect", token },
    );
  }

  function takeHeldSeat(client: FrameClient & { seat: SeatAnswer }): FrameClient {
    const reconnect = `${RECONNECT_SUBPROTOCOL_PREFIX}${client.reconnectionToken}`;
    return server.takeSeat(client.seat, { subprotocols: ["atrium.1", reconnect] });
  }

  /** A round trip: a close that was sent before it has arrived. */
  async function assertOpen(client: FrameClient): Promise<void> {
    const { status } = await client.operation("unsubscribe", { topic: "none" });
    assert.equal(status, 0);
    assert.equal(client.closed, undefined);
  }

  it("is closed with 4104 when the grace is over, and not before", async () => {
    const client = await join(MINUTE_MS);
    await clock.advance(MINUTE_MS + TOKEN_GRACE_MS - 1);
    await assertOpen(client);
    await clock.advance(1);
    assert.deepEqual(await client.waitForClose(), EXPIRED);
  });

  it("is closed in a plain Colyseus room too, also for a stock client", async () => {
    const token = await tokenFor(MINUTE_MS);
    const stock = await server.joinStock("plain", {}, { token });
    const [client] = localRoom(PlainRoom, stock).clients;
    await waitUntil(() => client?.state === ClientState.JOINED);
    const closed = new Promise((resolve) => stock.onLeave((code) => resolve(code)));
    await clock.advance(MINUTE_MS + TOKEN_GRACE_MS);
    assert.equal(await closed, CloseCode.TOKEN_EXPIRED);
  });

  it("lives for ever when its token has no end", async () => {
    const client = await join();
    await clock.advance(1_000 * 24 * 3_600_000);
    await assertOpen(client);
    assert.equal(clock.pendingTimers, 0);
  });

  it("lives on with a newer token that is shown in the grace", async () => {
    const client = await join(MINUTE_MS);
    await clock.advance(MINUTE_MS + TOKEN_GRACE_MS - 1);
    const newer = { token: await tokenFor(MINUTE_MS) };
    assert.equal((await client.operation("authenticate", newer)).status, 0);
    // A token counts in whole seconds, and this one began within one.
    await clock.advance(MINUTE_MS + TOKEN_GRACE_MS - 1_000);
    await assertOpen(client);
    await clock.advance(1_000);
    assert.deepEqual(await client.waitForClose(), EXPIRED);
  });

  it("does not live longer by a token that is somebody else's, expired or garbage", async () => {
    const expired = await tokenFor(MINUTE_MS);
    const client = await join(2 * MINUTE_MS);
    await clock.advance(MINUTE_MS + 1_000);
    for (const token of [await tokenFor(3_600_000, "bob"), expired, "garbage"]) {
      const { status, payload } = await client.operation("authenticate", { token });
      assert.equal(status, 1);
      assert.equal((payload as SyncError).code, "auth-failed");
    }
    await clock.advance(MINUTE_MS + TOKEN_GRACE_MS);
    assert.deepEqual(await client.waitForClose(), EXPIRED);
  });

  it("gets its session back with a newer token, and is watched again", async () => {
    const client = await join(MINUTE_MS);
    await clock.advance(MINUTE_MS + TOKEN_GRACE_MS);
    await client.waitForClose();
    const seat = await rejoin(client, await tokenFor(MINUTE_MS));
    assert.equal(seat.sessionId, client.seat.sessionId);
    const again = await takeHeldSeat(client).joined();
    await clock.advance(MINUTE_MS + TOKEN_GRACE_MS - 1);
    await assertOpen(again);
    await clock.advance(1);
    assert.deepEqual(await again.waitForClose(), EXPIRED);
  });

  it("does not get its session back with the old token, nor past the matchmaking", async () => {
    const client = await join(MINUTE_MS);
    const token = await tokenFor(MINUTE_MS);
    await clock.advance(MINUTE_MS + TOKEN_GRACE_MS);
    await client.waitForClose();
    const refused = await rejoin(client, token);
    assert.deepEqual([refused.status, refused.sync?.code], [401, "auth-failed"]);
    const direct = takeHeldSeat(client);
    assert.equal((await direct.waitForClose()).code, CloseCode.WITH_ERROR);
  });

  it("leaves no timer behind when it ends earlier", async () => {
    const client = await join(MINUTE_MS);
    await assertOpen(client);
    await waitUntil(() => clock.pendingTimers === 1);
    // For good: a seat that is kept for somebody has a timer of its own.
    await client.close(CloseCode.CONSENTED);
    await waitUntil(() => clock.pendingTimers === 0);
  });

  it("shows the time of its end to nobody", async () => {
    const client = await join(MINUTE_MS);
    const room = matchMaker.getLocalRoomById(client.seat.roomId);
    const users = [
      client.hello?.user,
      client.seat.identity.user,
      (room.clients[0] as unknown as RoomClient).user,
    ];
    assert.deepEqual(client.seat.identity, { user: { id: "ada", name: "ada" } });
    for (const user of users) assert.deepEqual(user, { id: "ada", name: "ada" });
    const newer = { token: await tokenFor(MINUTE_MS) };
    const { payload } = await client.operation("authenticate", newer);
    assert.deepEqual(payload, { id: "ada", name: "ada" });
  });

  describe("of our client", () => {
    async function connected(): Promise<{
      realtime: ReturnType<typeof connect<typeof server.server>>;
      wake: () => void;
    }> {
      const wakes = new Emitter<[]>();
      const realtime = connect<typeof server.server>(server.wsUrl, {
        token: await tokenFor(MINUTE_MS),
        wakeSignals: { onWake: (wake) => wakes.on(wake) },
      });
      return { realtime, wake: () => wakes.emit() };
    }

    it("comes back by itself with the newest token", async () => {
      const { realtime, wake } = await connected();
      const room = await realtime.join(HUB_ROOM as never);
      const dropped = new Promise<void>((resolve) => room.onDrop(resolve));
      const rejoined = new Promise<void>((resolve) => room.onRejoin(resolve));
      const { sessionId } = room;
      await clock.advance(MINUTE_MS + TOKEN_GRACE_MS);
      await dropped;
      realtime.setToken(await tokenFor(MINUTE_MS));
      wake();
      await rejoined;
      assert.equal(room.sessionId, sessionId);
      assert.equal(realtime.status, "connected");
      realtime.disconnect();
    });

    it("stops with auth-failed when it has no newer one", async () => {
      const { realtime, wake } = await connected();
      const room = await realtime.join(HUB_ROOM as never);
      const errors: string[] = [];
      room.onError(({ code }) => errors.push(code));
      const dropped = new Promise<void>((resolve) => room.onDrop(resolve));
      const left = new Promise<void>((resolve) => room.onLeave(() => resolve()));
      await clock.advance(MINUTE_MS + TOKEN_GRACE_MS);
      await dropped;
      wake();
      await left;
      assert.deepEqual(errors, ["auth-failed"]);
      realtime.disconnect();
    });
  });
});
