import assert from "node:assert/strict";
import { connect } from "node:net";
import { Protocol } from "@colyseus/shared-types";
import { CloseCode } from "../../server/index.ts";
import type { LimitOptions } from "../../server/limits/server-limits.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { defaultLimits } from "../../server/limits/server-limits.ts";
import { FakeClock } from "../support/fake-clock.ts";
import type { FrameClient } from "../support/frame-client.ts";
import { startTestServer, type SeatAnswer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

class QuietRoom extends SyncRoom {}

const rooms = { quiet: QuietRoom };
type Server = TestServer<typeof rooms>;

const PUPIL = { "X-Forwarded-For": "203.0.113.5" };
const NEIGHBOUR = { "X-Forwarded-For": "198.51.100.7" };

/** A server behind a proxy on this machine, so that tests come from wherever they say. */
function startBehindProxy(limits: LimitOptions, clock?: FakeClock): Promise<Server> {
  const trustedProxies = ["127.0.0.1"];
  const timed = clock === undefined ? {} : { clock };
  const apiKeys = ["a key of sixteen"];
  return startTestServer({ rooms, trustedProxies, limits, apiKeys, ...timed });
}

async function statusesOf(asking: Promise<SeatAnswer>[]): Promise<number[]> {
  return (await Promise.all(asking)).map(({ status }) => status);
}

function flood(client: FrameClient, frames: number): void {
  for (let sent = 0; sent < frames; sent += 1) client.send(Uint8Array.of(Protocol.PING));
}

describe("threat: a flood of connections", () => {
  it("from one address is refused beyond its limit, with 429 and when to come again", async () => {
    await using server = await startBehindProxy({ address: { connections: 2 } });
    const first = await server.joinFrames("quiet", {}, { headers: PUPIL });
    const late = await server.reserveSeat("quiet", {}, { headers: PUPIL });
    await server.joinFrames("quiet", {}, { headers: PUPIL });
    const { status, sync } = await server.reserveSeat("quiet", {}, { headers: PUPIL });
    assert.deepEqual([status, sync?.code, sync?.retryAfterMs], [429, "rate-limited", 10_000]);
    // Nor by a seat that was reserved before.
    const refused = server.takeSeat(late, { headers: PUPIL });
    assert.equal((await refused.waitForClose()).code, CloseCode.ABNORMAL);
    await server.joinFrames("quiet", {}, { headers: NEIGHBOUR });
    assert.equal(first.closed, undefined);

    await first.close();
    await waitUntil(async () => {
      return (await server.reserveSeat("quiet", {}, { headers: PUPIL })).status === 200;
    });
  });

  it("from many addresses of one IPv6 network counts as from one", async () => {
    await using server = await startBehindProxy({ address: { connections: 2 } });
    const from = (address: string) => ({ headers: { "X-Forwarded-For": address } });
    await server.joinFrames("quiet", {}, from("2001:db8:0:1::1"));
    await server.joinFrames("quiet", {}, from("2001:db8:0:1:ffff::2"));
    const other = await server.reserveSeat("quiet", {}, from("2001:db8:0:1::3"));
    assert.equal(other.status, 429);
    await server.joinFrames("quiet", {}, from("2001:db8:0:2::1"));
  });

  it("that never speaks is cut when there are twice as many as may join", async () => {
    await using server = await startTestServer({ rooms, limits: { address: { connections: 2 } } });
    const sockets = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const socket = connect(server.server.port, "127.0.0.1");
        const state = { socket, isClosed: false };
        socket.on("error", () => {}).on("close", () => (state.isClosed = true));
        await new Promise((resolve) => socket.once("connect", resolve));
        return state;
      }),
    );
    await waitUntil(() => sockets.filter(({ isClosed }) => isClosed).length === 2);
    for (const { socket } of sockets) socket.destroy();
    await waitUntil(async () => (await server.reserveSeat("quiet")).status === 200);
  });
});

describe("threat: a flood of joins", () => {
  it("from one address is refused with 429 and Retry-After, and others come in", async () => {
    const clock = new FakeClock(1_000_000);
    const limits = { address: { joins: { perSecond: 1, burst: 3 } } };
    await using server = await startBehindProxy(limits, clock);
    const asking = [1, 2, 3, 4].map(() => server.reserveSeat("quiet", {}, { headers: PUPIL }));
    const answers = await Promise.all(asking);
    assert.equal(answers.filter(({ status }) => status === 200).length, 3);
    const refused = answers.find(({ status }) => status === 429);
    assert.deepEqual([refused?.sync?.code, refused?.sync?.retryAfterMs], ["rate-limited", 1_000]);
    const response = await fetch(`${server.httpUrl}/matchmake/joinOrCreate/quiet`, {
      method: "POST",
      headers: PUPIL,
    });
    assert.equal(response.headers.get("retry-after"), "1");
    assert.equal((await server.reserveSeat("quiet", {}, { headers: NEIGHBOUR })).status, 200);
    clock.advanceSync(1_000);
    assert.equal((await server.reserveSeat("quiet", {}, { headers: PUPIL })).status, 200);
  });

  it("of one user is refused wherever it comes from, and no other user's", async () => {
    const clock = new FakeClock(1_000_000);
    await using server = await startBehindProxy({ user: { joins: 2 } }, clock);
    const { identity } = await server.reserveSeat("quiet", {}, { headers: PUPIL });
    const token = identity.token!;
    const ask = (headers: Record<string, string>) =>
      server.reserveSeat("quiet", {}, { headers, token });
    assert.deepEqual(await statusesOf([ask(PUPIL)]), [200]);
    const { status, sync } = await ask(NEIGHBOUR);
    assert.deepEqual([status, sync?.code, sync?.retryAfterMs], [429, "rate-limited", 500]);
    assert.equal((await server.reserveSeat("quiet", {}, { headers: PUPIL })).status, 200);
    clock.advanceSync(500);
    assert.equal((await ask(PUPIL)).status, 200);
  });

  it("of seats that nobody takes fills no room: a user may have a few, and not for long", async () => {
    const clock = new FakeClock(1_000_000);
    await using server = await startBehindProxy({}, clock);
    const { identity } = await server.reserveSeat("quiet");
    const token = identity.token!;
    const asking = Array.from({ length: 30 }, () => server.reserveSeat("quiet", {}, { token }));
    const statuses = await statusesOf(asking);
    assert.equal(statuses.filter((each) => each === 200).length, 19);
    assert.equal(statuses.filter((each) => each === 429).length, 11);
    clock.advanceSync(10_000);
    assert.equal((await server.reserveSeat("quiet", {}, { token })).status, 200);
    assert.ok(new QuietRoom().seatReservationTimeout <= 10);
  });
});

describe("threat: guessing", () => {
  it("at tokens is refused with 429 before they are looked at, and guests come in", async () => {
    const limits = { address: { failures: { perSecond: 0.01, burst: 3 } } };
    await using server = await startBehindProxy(limits, new FakeClock(1_000_000));
    const guess = async (headers = PUPIL): Promise<number> => {
      const answer = await server.reserveSeat("quiet", {}, { headers, token: "guess" });
      return answer.status;
    };
    assert.deepEqual([await guess(), await guess(), await guess()], [401, 401, 401]);
    assert.equal(await guess(), 429);
    assert.equal(await guess(NEIGHBOUR), 401);
    assert.equal((await server.reserveSeat("quiet", {}, { headers: PUPIL })).status, 200);
  });

  it("at reconnection tokens, seats and API keys counts as well", async () => {
    const limits = { address: { failures: { perSecond: 0.01, burst: 3 } } };
    await using server = await startBehindProxy(limits, new FakeClock(1_000_000));
    const victim = await server.joinFrames("quiet", {}, { headers: NEIGHBOUR });
    const reconnectionToken = "guess";
    const how = { method: "reconnect", headers: PUPIL };
    const { roomId } = victim.seat;
    assert.equal((await server.reserveSeat(roomId, { reconnectionToken }, how)).status, 410);
    const made = server.takeSeat({ ...victim.seat, sessionId: "made-up" }, { headers: PUPIL });
    assert.equal((await made.waitForClose()).code, CloseCode.WITH_ERROR);
    const publish = async (key: string): Promise<number> => {
      const { status } = await fetch(`${server.httpUrl}/api/channels/chat/messages`, {
        method: "POST",
        headers: { ...PUPIL, Authorization: `Bearer ${key}` },
        body: JSON.stringify({ event: "message", data: 1 }),
      });
      return status;
    };
    assert.equal(await publish("guess"), 401);
    assert.equal(await publish("guess"), 429);
    assert.equal((await server.reserveSeat(roomId, { reconnectionToken }, how)).status, 429);
    const late = server.takeSeat({ ...victim.seat, sessionId: "made-up" }, { headers: PUPIL });
    assert.equal((await late.waitForClose()).code, CloseCode.ABNORMAL);
    // What is right is right, wherever the liar sits.
    assert.equal(await publish("a key of sixteen"), 200);
    const seat = await server.reserveSeat("quiet", {}, { headers: PUPIL });
    await server.takeSeat(seat, { headers: PUPIL }).joined();
  });
});

describe("threat: a flood of messages", () => {
  it("of one user over many connections closes the one that sends too much", async () => {
    await using server = await startBehindProxy({ user: { frames: 50 } }, new FakeClock(1_000_000));
    const first = await server.joinFrames("quiet");
    const token = first.seat.identity.token!;
    const second = await server.joinFrames("quiet", {}, { token });
    const bystander = await server.joinFrames("quiet");
    flood(first, 40);
    await waitUntil(() => first.codes.filter((code) => code === Protocol.PING).length === 40);
    flood(second, 20);
    const { code, reason } = await second.waitForClose();
    assert.equal(code, CloseCode.FLOODED);
    assert.match(reason, /^more than 50 frames a second, of one user$/);
    assert.deepEqual([first.closed, bystander.closed], [undefined, undefined]);
  });

  it("from one address over many users closes the one that sends too much", async () => {
    const limits = { address: { frames: 50 } };
    await using server = await startBehindProxy(limits, new FakeClock(1_000_000));
    const first = await server.joinFrames("quiet", {}, { headers: PUPIL });
    const second = await server.joinFrames("quiet", {}, { headers: PUPIL });
    const neighbour = await server.joinFrames("quiet", {}, { headers: NEIGHBOUR });
    flood(first, 40);
    await waitUntil(() => first.codes.filter((code) => code === Protocol.PING).length === 40);
    flood(second, 20);
    assert.match((await second.waitForClose()).reason, /, from one address$/);
    flood(neighbour, 40);
    await waitUntil(() => neighbour.codes.filter((code) => code === Protocol.PING).length === 40);
    assert.deepEqual([first.closed, neighbour.closed], [undefined, undefined]);
  });

  it("of pings counts as well, which are answered before a room sees them", async () => {
    const limits = { connection: { frames: { perSecond: 1, burst: 50 } } };
    await using server = await startBehindProxy(limits, new FakeClock(1_000_000));
    const [client, bystander] = [
      await server.joinFrames("quiet"),
      await server.joinFrames("quiet"),
    ];
    for (let sent = 0; sent <= 50; sent += 1) client.socket.ping();
    assert.equal((await client.waitForClose()).code, CloseCode.FLOODED);
    assert.equal(bystander.closed, undefined);
  });

  it("in bytes counts as well", async () => {
    const limits = { user: { frameBytes: 10_000 } };
    await using server = await startBehindProxy(limits, new FakeClock(1_000_000));
    const client = await server.joinFrames("quiet");
    for (let sent = 0; sent < 4; sent += 1) {
      client.send(Uint8Array.of(Protocol.PING, ...new Uint8Array(3_000)));
    }
    const { code, reason } = await client.waitForClose();
    assert.deepEqual([code, /bytes of frames/.test(reason)], [CloseCode.FLOODED, true]);
  });
});

describe("the limits that hold without configuration", () => {
  it("let a school of 2,000 behind one address in at once, in two tabs each", () => {
    const { address, user, connection } = defaultLimits;
    assert.ok(address.connections >= 4_000);
    assert.ok(address.joins.burst >= 4_000);
    assert.ok(address.failures.burst >= 2_000);
    assert.ok(address.frames.perSecond >= 2_000 * 20);
    assert.ok(user.frames.perSecond >= 2 * connection.frames.perSecond);
  });

  it("are all there", () => {
    const { address, user } = defaultLimits;
    for (const { perSecond, burst } of [
      address.joins,
      address.failures,
      address.frames,
      address.frameBytes,
      user.joins,
      user.frames,
      user.frameBytes,
    ]) {
      assert.ok(Number.isFinite(perSecond) && Number.isFinite(burst));
    }
  });
});
