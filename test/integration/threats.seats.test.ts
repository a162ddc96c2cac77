import assert from "node:assert/strict";
import { defineRoom, LobbyRoom, matchMaker, type Room } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { CloseCode } from "../../server/index.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import type { FrameClient } from "../support/frame-client.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type SeatAnswer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Seated = schema({ value: t.number().default(0) }, "SeatedState");

class SeatedRoom extends SyncRoom {
  override state = new Seated();
}

class SmallRoom extends SeatedRoom {
  override maxClients = 1;
}

const rooms = { seated: SeatedRoom, small: SmallRoom };
/** 22 characters of base64url: 128 bits. */
const STRONG = /^[\w-]{22}$/;

type Joined = FrameClient & { seat: SeatAnswer };

function proofOf({ reconnectionToken }: FrameClient): string[] {
  return [`atrium.${PROTOCOL_VERSION}`, `atrium-reconnect.${reconnectionToken}`];
}

/** What a refusal says, to compare it with another one. */
function sayingOf({ status, code, error, sync }: SeatAnswer): unknown {
  return { status, code, error, sync };
}

describe("threat: theft of a seat", () => {
  it("by guessing is hopeless: sessions and reconnection tokens have 128 bits", async () => {
    await using server = await startTestServer({ rooms });
    const members = await Promise.all([1, 2, 3].map(() => server.joinFrames("seated")));
    const ids = members.map(({ seat }) => seat.sessionId);
    const tokens = members.map(({ reconnectionToken }) => reconnectionToken!);
    for (const each of [...ids, ...tokens]) assert.match(each, STRONG);
    assert.equal(new Set([...ids, ...tokens]).size, 6);
    const room = localRoom(SeatedRoom, members[0]!.seat);
    assert.deepEqual(new Set(Array.from(room.clients, ({ sessionId }) => sessionId)), new Set(ids));
    const stock = await server.joinStock("seated");
    assert.match(stock.sessionId, STRONG);
    assert.match(stock.reconnectionToken.split(":")[1]!, STRONG);
  });

  it("by a token that was overheard harms nobody: its owner stays where it is", async () => {
    await using server = await startTestServer({ rooms });
    const victim: Joined = await server.joinFrames("seated");
    const thief = await server.reserveSeat("seated");
    const { reconnectionToken } = victim;
    const how = { method: "reconnect", token: thief.identity.token! };
    const stolen = await server.reserveSeat(victim.seat.roomId, { reconnectionToken }, how);
    assert.deepEqual([stolen.status, stolen.sync?.code], [410, "session-expired"]);
    const nameless = { method: "reconnect" };
    const again = await server.reserveSeat(victim.seat.roomId, { reconnectionToken }, nameless);
    assert.equal(again.status, 410);
    const socket = server.takeSeat(victim.seat, { subprotocols: proofOf(victim) });
    assert.equal((await socket.waitForClose()).code, CloseCode.WITH_ERROR);
    assert.equal(localRoom(SeatedRoom, victim.seat).clients.length, 1);
    assert.equal(victim.closed, undefined);
  });

  it("by a token that was used is refused: each is good for one return", async () => {
    await using server = await startTestServer({ rooms });
    const client: Joined = await server.joinFrames("seated");
    const token = client.seat.identity.token!;
    const room = localRoom(SeatedRoom, client.seat);
    const { roomId } = client.seat;
    const used = client.reconnectionToken;
    const how = { method: "reconnect", token };
    client.drop();
    await waitUntil(() => room.clients.length === 0);
    const seat = await server.reserveSeat(roomId, { reconnectionToken: used }, how);
    const back = await server.takeSeat(seat, { subprotocols: proofOf(client) }).joined();
    assert.match(back.reconnectionToken!, STRONG);
    assert.notEqual(back.reconnectionToken, used);

    const late = await server.reserveSeat(roomId, { reconnectionToken: used }, how);
    assert.equal(late.status, 410);
    const socket = server.takeSeat(client.seat, { subprotocols: proofOf(client) });
    await socket.waitForClose();
    assert.equal(back.closed, undefined);
    assert.equal(room.clients.length, 1);
  });

  it("by a name that every object has is refused", async () => {
    await using server = await startTestServer({ rooms });
    const { seat } = await server.joinFrames("seated");
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const how = { method: "reconnect" };
      const answer = await server.reserveSeat(seat.roomId, { reconnectionToken: name }, how);
      assert.equal(answer.status, 410);
      const subprotocols = [`atrium.${PROTOCOL_VERSION}`, `atrium-reconnect.${name}`];
      const stranger = server.takeSeat({ ...seat, sessionId: name }, { subprotocols });
      assert.equal((await stranger.waitForClose()).code, CloseCode.WITH_ERROR);
      const thief = server.takeSeat(seat, { subprotocols });
      assert.equal((await thief.waitForClose()).code, CloseCode.FAILED_TO_RECONNECT);
    }
  });
});

describe("threat: guessing of room ids", () => {
  it("learns nothing from joining: a room that is full looks like one that is not there", async () => {
    await using server = await startTestServer({ rooms });
    const { seat } = await server.joinFrames("small");
    const locked = await server.joinFrames("seated");
    await localRoom(SeatedRoom, locked.seat).lock();
    const how = { method: "joinById" };
    const sayings = await Promise.all(
      [seat.roomId, locked.seat.roomId, "not-there", "x".repeat(60)].map(async (roomId) =>
        sayingOf(await server.reserveSeat(roomId, {}, how)),
      ),
    );
    const [first] = sayings;
    for (const each of sayings) assert.deepEqual(each, first);
    assert.equal((first as SeatAnswer).status, 404);
    assert.equal((first as SeatAnswer).sync?.code, "room-unknown");
  });

  it("learns nothing from coming back: neither of rooms, nor of tokens, nor of seats", async () => {
    await using server = await startTestServer({ rooms });
    const victim = await server.joinFrames("seated");
    const { roomId } = victim.seat;
    const { reconnectionToken } = victim;
    const how = { method: "reconnect" };
    const sayings = await Promise.all(
      [
        [roomId, { reconnectionToken }],
        [roomId, { reconnectionToken: "wrong" }],
        [roomId, { reconnectionToken: { toString: "wrong" } }],
        [roomId, {}],
        ["not-there", { reconnectionToken }],
      ].map(async ([target, options]) =>
        sayingOf(await server.reserveSeat(target as string, options, how)),
      ),
    );
    for (const each of sayings) assert.deepEqual(each, sayings[0]);
  });

  it("learns nothing from a socket: a seat elsewhere looks like none", async () => {
    await using server = await startTestServer({ rooms });
    const seat = await server.reserveSeat("seated");
    const { seat: other } = await server.joinFrames("small");
    const endings = [];
    for (const guess of [
      { ...seat, sessionId: "made-up" },
      { ...seat, roomId: "not-there", sessionId: "made-up" },
      { ...other, sessionId: "made-up" },
    ]) {
      endings.push(await server.takeSeat(guess).waitForClose());
    }
    for (const each of endings) assert.deepEqual(each, endings[0]);
  });

  it("finds no private room in a listing, and comes in where it was told the id", async () => {
    class ListedRoom extends SeatedRoom {
      override async onCreate({ isPrivate }: { isPrivate?: boolean }): Promise<void> {
        if (isPrivate === true) await this.setPrivate();
      }
    }
    const listed = defineRoom(ListedRoom as unknown as new () => Room).enableRealtimeListing();
    await using server = await startTestServer({ rooms: { listed, lobby: LobbyRoom } });
    const lobby = await server.joinStock("lobby");
    const seen = new Set<string>();
    lobby.onMessage("rooms", (all: { roomId: string }[]) => {
      for (const { roomId } of all) seen.add(roomId);
    });
    lobby.onMessage("+", ([roomId]: [string]) => void seen.add(roomId));
    lobby.onMessage("-", () => {});
    const hidden = await server.joinFrames("listed", { isPrivate: true }, { method: "create" });
    const shown = await server.joinFrames("listed", {}, { method: "create" });
    await waitUntil(() => seen.has(shown.seat.roomId));
    assert.equal(seen.has(hidden.seat.roomId), false);
    const stranger = await server.reserveSeat("listed");
    assert.notEqual(stranger.roomId, hidden.seat.roomId);
    const friend = await server.reserveSeat(hidden.seat.roomId, {}, { method: "joinById" });
    assert.equal(friend.roomId, hidden.seat.roomId);
  });
});

describe("threat: an administration that is open to everybody", () => {
  it("is not there: Colyseus's own routes and pages are not answered", async () => {
    await using server = await startTestServer({ rooms });
    await server.joinFrames("seated");
    for (const path of [
      "/",
      "/matchmake",
      "/matchmake/",
      "/matchmake/seated",
      "/matchmake/joinOrCreate/seated",
      "/colyseus",
      "/monitor",
      "/monitor/api",
      "/playground",
      "/playground/rooms",
      "/__apidocs",
      "/__healthcheck",
      "/rooms",
      "/api/channels/chat/messages",
      "/admin",
      "/api/admin/rooms",
      "/metrics",
    ]) {
      for (const method of ["GET", "PUT", "DELETE"]) {
        const response = await fetch(server.httpUrl + path, { method });
        const body = await response.text();
        assert.ok(
          [400, 401, 404].includes(response.status),
          `${method} ${path} ${response.status}`,
        );
        assert.equal(body.includes("processId"), false);
      }
    }
  });

  it("is not reached by matchmaking: of its functions only five are methods", async () => {
    await using server = await startTestServer({ rooms });
    const member = await server.joinFrames("seated");
    const names = Object.keys(matchMaker).filter((name) => /^[A-Za-z]+$/.test(name));
    assert.ok(names.length > 20);
    const meant = new Set(["joinOrCreate", "create", "join", "joinById", "reconnect"]);
    const others = ["constructor", "toString", "invokeMethod", "exposedMethods", ...names];
    for (const method of others.filter((name) => !meant.has(name))) {
      const answer = await server.reserveSeat("seated", {}, { method });
      assert.deepEqual([answer.status, answer.sync?.code], [400, "options-invalid"], method);
    }
    assert.equal(member.closed, undefined);
  });
});
