import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import { Protocol } from "@colyseus/shared-types";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { CloseCode, SyncRoom } from "../../server/index.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Held = schema({ value: t.number().default(0) }, "HeldState");

class HeldRoom extends SyncRoom<{ state: SchemaType<typeof Held> }> {
  override state = new Held();
}

class GuardedRoom extends HeldRoom {
  override persistence = { key: ({ board }: { board: string }) => `guarded-${board}` };
  static override onAuth(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

describe("a held seat of our client", () => {
  it("is not given to who only knows its session and reconnection token", async () => {
    await using server = await startTestServer({ rooms: { held: HeldRoom } });
    const client = await server.joinFrames("held");
    const { token } = client.seat.identity;
    const room = localRoom(HeldRoom, client.seat);
    client.drop();
    await waitUntil(() => room.clients.length === 0);
    const subprotocols = [
      `atrium.${PROTOCOL_VERSION}`,
      `atrium-reconnect.${client.reconnectionToken}`,
    ];
    const thief = server.takeSeat(client.seat, { subprotocols });
    assert.equal((await thief.waitForClose()).code, CloseCode.WITH_ERROR);
    assert.equal(thief.hello, undefined);

    const { reconnectionToken } = client;
    const how = { method: "reconnect", ...(token === undefined ? {} : { token }) };
    const seat = await server.reserveSeat(client.seat.roomId, { reconnectionToken }, how);
    assert.equal(seat.sessionId, client.seat.sessionId);
    await server.takeSeat(seat, { subprotocols }).joined();
  });
});

describe("a held seat whose client is lost again before it has said that it is back", () => {
  it("is held on, for the token that the client knows", async () => {
    await using server = await startTestServer({ rooms: { held: HeldRoom } });
    const client = await server.joinFrames("held");
    const { roomId, sessionId, identity } = client.seat;
    const room = localRoom(HeldRoom, client.seat);
    client.drop();
    await waitUntil(() => room.clients.length === 0);
    const { reconnectionToken } = client;
    const how = { method: "reconnect", token: identity.token! };
    const ask = () => server.reserveSeat(roomId, { reconnectionToken }, how);
    const subprotocols = [`atrium.${PROTOCOL_VERSION}`, `atrium-reconnect.${reconnectionToken}`];
    for (let times = 0; times < 3; times += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one loss after the other
      const lost = server.takeSeat(await ask(), { subprotocols, acknowledges: false });
      // oxlint-disable-next-line no-await-in-loop -- one loss after the other
      await waitUntil(() => lost.codes.includes(Protocol.JOIN_ROOM));
      lost.drop();
      // oxlint-disable-next-line no-await-in-loop -- one loss after the other
      await waitUntil(() => room.clients.length === 0);
    }
    const seat = await ask();
    assert.equal(seat.sessionId, sessionId);
    const back = await server.takeSeat(seat, { subprotocols }).joined();
    assert.notEqual(back.reconnectionToken, reconnectionToken);
    assert.equal((await ask()).status, 410);
  });
});

describe("a room with a key that lets nobody in", () => {
  it("is not made for those who are refused", async () => {
    await using server = await startTestServer({ rooms: { guarded: GuardedRoom } });
    for (const board of ["a", "b", "c"]) {
      const { status } = await server.reserveSeat("guarded", { board });
      assert.equal(status, 401);
    }
    assert.equal((await matchMaker.query({ name: "guarded" })).length, 0);
  });
});

describe("acceptsQueryTokens", () => {
  it("lets a stock SDK come back with its token in the URL, unless it is false", async () => {
    for (const [acceptsQueryTokens, isLetIn] of [
      [undefined, true],
      [true, true],
      [false, false],
    ] as const) {
      const options = acceptsQueryTokens === undefined ? {} : { acceptsQueryTokens };
      await using server = await startTestServer({ rooms: { held: HeldRoom }, ...options });
      const room = await server.joinStock("held");
      const [roomId, token] = room.reconnectionToken.split(":");
      room.connection.close();
      await waitUntil(() => localRoom(HeldRoom, room).clients.length === 0);
      const query = `sessionId=${room.sessionId}&reconnectionToken=${token}`;
      const socket = new WebSocket(`${server.wsUrl}/process/${roomId}?${query}`);
      const outcome = await new Promise((resolve) => {
        socket.addEventListener("open", () => resolve(true));
        socket.addEventListener("error", () => resolve(false));
      });
      socket.close();
      assert.equal(outcome, isLetIn);
    }
  });
});
