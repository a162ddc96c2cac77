import assert from "node:assert/strict";
import { ClientState, matchMaker } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { CloseCode } from "../../server/index.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { JOIN_TIMEOUT_MS } from "../../shared/limits.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { localRoom } from "../support/local-room.ts";
import { sayRaw, type RawPeer } from "../support/raw-peer.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Small = schema({ value: t.number().default(0) }, "SmallJoinState");

class SmallRoom extends SyncRoom {
  override state = new Small();
  override maxClients = 1;
}

class HurriedRoom extends SmallRoom {
  override persistence = { key: "hurried" };
  override seatReservationTimeout = 0.3;
}

const rooms = { small: SmallRoom };
type Server = TestServer<typeof rooms>;

function say(server: Server, text: string): Promise<RawPeer> {
  return sayRaw(server.server.port, text);
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.server.httpServer.getConnections((error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

describe("threat: a join that is never completed", () => {
  it("is cut when the client does not say within 5 s that it is there", async () => {
    const clock = new FakeClock();
    await using server = await startTestServer({ rooms, clock });
    const seat = await server.reserveSeat("small");
    const silent = server.takeSeat(seat, { acknowledges: false });
    await waitUntil(() => silent.reconnectionToken);
    await waitUntil(() => localRoom(SmallRoom, seat).clients.length === 1);
    await clock.advance(JOIN_TIMEOUT_MS - 1);
    assert.equal(silent.closed, undefined);
    await clock.advance(1);
    const { code, reason } = await silent.waitForClose();
    assert.deepEqual([code, reason], [CloseCode.WITH_ERROR, "not joined within 5000 ms"]);
    // The place is somebody else's.
    const next = await waitUntil(async () => {
      const seatOfNext = await server.reserveSeat("small");
      return seatOfNext.status === 200 ? seatOfNext : undefined;
    });
    const member = server.takeSeat(next);
    await waitUntil(() => localRoom(SmallRoom, next).clients[0]?.state === ClientState.JOINED);
    await clock.advance(JOIN_TIMEOUT_MS * 2);
    assert.equal(member.closed, undefined);
  });

  it("is cut when its request does not arrive within 5 s", async () => {
    const clock = new FakeClock();
    await using server = await startTestServer({ rooms, clock });
    const head = "POST /matchmake/joinOrCreate/small HTTP/1.1\r\nHost: localhost\r\n";
    const slow = await say(server, `${head}Content-Length: 100\r\n\r\n{"a":`);
    await waitUntil(() => clock.pendingTimers > 0);
    await clock.advance(JOIN_TIMEOUT_MS);
    await waitUntil(() => slow.received.includes("\r\n\r\n"));
    assert.match(slow.received, /^HTTP\/1\.1 408 /);
    assert.match(slow.received, /"code":"timed-out"/);
    await waitUntil(async () => (await countConnections(server)) === 0);
    slow.socket.destroy();
  });

  it("that is cut by its sender is no word of the log, and no refusal of the game", async () => {
    const reports: string[] = [];
    const report = (text: string): void => void reports.push(text);
    const logger = { info: report, warn: report, error: report };
    await using server = await startTestServer({ rooms, logger });
    const head = "POST /matchmake/joinOrCreate/small HTTP/1.1\r\nHost: localhost\r\n";
    const cut = await say(server, `${head}Content-Length: 100\r\n\r\n{"a":`);
    cut.socket.destroy();
    await waitUntil(async () => (await countConnections(server)) === 0);
    assert.equal((await server.reserveSeat("small")).status, 200);
    assert.deepEqual(reports, []);
  });

  it("is cut when its headers do not arrive within 5 s: a slow loris starves", async () => {
    await using server = await startTestServer({ rooms });
    const lorises = await Promise.all([
      say(server, ""),
      say(server, "GET /"),
      say(server, "POST /matchmake/joinOrCreate/small HTTP/1.1\r\nHost: localhost\r\nX-A: "),
      say(server, "GET /p/r?sessionId=x HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"),
    ]);
    await waitUntil(() => lorises.every(({ received }) => received.includes("408")), {
      timeoutMs: JOIN_TIMEOUT_MS + 5_000,
    });
    await waitUntil(async () => (await countConnections(server)) === 0);
    for (const { socket } of lorises) socket.destroy();
  });

  it("that is refused leaves no connection half open", async () => {
    await using server = await startTestServer({ rooms });
    const head = "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    const handshake = `${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${"A".repeat(22)}==\r\n`;
    const refused = await say(server, `GET /nothing HTTP/1.1\r\n${handshake}\r\n`);
    const evil = `Origin: https://evil.example\r\n`;
    const foreign = await say(server, `GET /p/r?sessionId=x HTTP/1.1\r\n${handshake}${evil}\r\n`);
    await waitUntil(() => refused.received.startsWith("HTTP/1.1 404 "));
    await waitUntil(() => foreign.received.startsWith("HTTP/1.1 403 "));
    await waitUntil(async () => (await countConnections(server)) === 0);
    for (const { socket } of [refused, foreign]) socket.destroy();
  });

  it("that is reserved and not taken is given back by the room: after 10 s, or as it says", async () => {
    assert.equal(new SmallRoom().seatReservationTimeout, 10);
    await using server = await startTestServer({ rooms: { hurried: HurriedRoom } });
    const seat = await server.reserveSeat("hurried");
    assert.equal((await server.reserveSeat("hurried")).status, 409);
    const next = await waitUntil(async () => {
      const answer = await server.reserveSeat("hurried");
      return answer.status === 200 ? answer : undefined;
    });
    assert.equal(next.roomId, seat.roomId);
    const late = server.takeSeat(seat);
    assert.equal((await late.waitForClose()).code, CloseCode.WITH_ERROR);
    await server.takeSeat(next).joined();
  });

  it("keeps no empty room open, either", async () => {
    await using server = await startTestServer({ rooms: { hurried: HurriedRoom } });
    const { roomId } = await server.reserveSeat("hurried");
    assert.ok(matchMaker.getLocalRoomById(roomId));
    await waitUntil(() => matchMaker.getLocalRoomById(roomId) === undefined);
  });
});
