import assert from "node:assert/strict";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { decodeJwt, SignJWT, UnsecuredJWT } from "jose";
import { z } from "zod";
import { connect } from "../../client/connect.ts";
import { intent } from "../../server/rooms/intent.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { TEST_GUEST_SECRET } from "../../server/testing/create-test-server.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import type { FrameClient } from "../support/frame-client.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type SeatAnswer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Board = schema({ painted: t.number().default(0) }, "GuestBoard");
type Board = SchemaType<typeof Board>;

class BoardRoom extends SyncRoom<{ state: Board }> {
  override state = new Board();
  override messages = {
    paint: intent(z.null(), { cooldownMs: 60_000 }, () => {
      this.state.painted += 1;
    }),
    whoAmI: intent(z.null(), (client) => client.user),
  };
}

const rooms = { board: BoardRoom };
type Server = TestServer<typeof rooms>;
type Joined = FrameClient & { seat: SeatAnswer };

/** Joins as a guest who has never been here; resolves with the token as well. */
async function joinAsNewGuest(server: Server): Promise<{ client: Joined; token: string }> {
  const client = await server.joinFrames("board");
  const { token } = client.seat.identity;
  assert.ok(token, "a new guest gets a token");
  return { client, token };
}

function forge(change: (token: SignJWT) => SignJWT, secret = TEST_GUEST_SECRET): Promise<string> {
  const token = new SignJWT({ name: "Mallory" })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("guest-1")
    .setIssuer("atrium")
    .setAudience("atrium-guest");
  return change(token).sign(secret);
}

describe("a guest", () => {
  it("gets an identity of its own, and a token that keeps it across reloads", async () => {
    await using server = await startTestServer({ rooms });
    const { client, token } = await joinAsNewGuest(server);
    const { user } = client.seat.identity;
    assert.deepEqual(client.hello?.user, user);
    await client.close();

    const again = await server.joinFrames("board", {}, { token });
    assert.deepEqual(again.seat.identity, { user });
    assert.deepEqual(again.hello?.user, user);
    assert.notEqual(again.seat.sessionId, client.seat.sessionId);
    assert.deepEqual(await again.intent("whoAmI", null), { status: 0, payload: user });

    const other = await joinAsNewGuest(server);
    assert.notEqual(other.client.seat.identity.user.id, user.id);
  });

  it("is the same guest after the server was restarted", async () => {
    let known: { token: string; id: string };
    {
      await using server = await startTestServer({ rooms });
      const { client, token } = await joinAsNewGuest(server);
      known = { token, id: client.seat.identity.user.id };
    }
    await using server = await startTestServer({ rooms });
    const { identity } = await server.reserveSeat("board", {}, { token: known.token });
    assert.equal(identity.user.id, known.id);
  });

  it("does not escape a cooldown by a reload, a second tab or a drop", async () => {
    await using server = await startTestServer({ rooms });
    const { client, token } = await joinAsNewGuest(server);
    assert.equal((await client.intent("paint", null)).status, 0);

    const refusals: WireError[] = [];
    const paintAgain = async (again: FrameClient): Promise<void> => {
      const { status, payload } = await again.intent("paint", null, `again-${refusals.length}`);
      assert.equal(status, 1);
      refusals.push(payload as WireError);
    };
    const secondTab = await server.joinFrames("board", {}, { token });
    await paintAgain(secondTab);
    await client.close();
    const reloaded = await server.joinFrames("board", {}, { token });
    await paintAgain(reloaded);
    reloaded.drop();
    await paintAgain(await server.joinFrames("board", {}, { token }));

    for (const { code, retryAfterMs = 0 } of refusals) {
      assert.equal(code, "cooldown");
      assert.ok(retryAfterMs > 0 && retryAfterMs <= 60_000);
    }
    const other = await joinAsNewGuest(server);
    assert.equal((await other.client.intent("paint", null)).status, 0);
  });

  it("is never who it says it is: its claims are not read", async () => {
    await using server = await startTestServer({ rooms });
    const claim = { id: "guest-1", name: "Admin", role: "moderator" };
    const options = { user: claim, identity: { user: claim }, auth: claim, ...claim };
    const client = await server.joinFrames("board", options);
    const { payload } = await client.intent("whoAmI", null);
    assert.deepEqual(payload, client.seat.identity.user);
    assert.match((payload as { id: string }).id, /^guest-[0-9a-f-]{36}$/);
  });

  const FORGERIES: [what: string, token: () => string | Promise<string>][] = [
    ["garbage", () => "garbage"],
    ["unsigned", () => new UnsecuredJWT({ sub: "guest-1", name: "Mallory" }).encode()],
    ["signed with another secret", () => forge((each) => each, new Uint8Array(32).fill(9))],
    ["made for something else", () => forge((each) => each.setAudience("another-app"))],
    ["expired", () => forge((each) => each.setExpirationTime(1_000_000_000))],
  ];
  for (const [what, makeToken] of FORGERIES) {
    it(`with a token that is ${what} is refused with 401 auth-failed, and gets no other`, async () => {
      await using server = await startTestServer({ rooms });
      const token = await makeToken();
      const answer = await server.reserveSeat("board", {}, { token });
      assert.equal(answer.status, 401);
      assert.equal(answer.sync?.code, "auth-failed");
      assert.deepEqual([answer.identity, answer.sessionId], [undefined, undefined]);
      await assert.rejects(server.joinStock("board", {}, { token }));
    });
  }

  it("with a token of another server's secret is refused with 401", async () => {
    let token: string;
    {
      const guestSecret = new Uint8Array(32).fill(99);
      await using server = await startTestServer({ rooms, guestSecret });
      ({ token } = await joinAsNewGuest(server));
    }
    await using server = await startTestServer({ rooms });
    assert.equal((await server.reserveSeat("board", {}, { token })).status, 401);
  });
});

describe("the seat of a guest who dropped", () => {
  /** A guest who is gone without a word, and whose seat is held. */
  async function dropGuest(server: Server): Promise<{ client: Joined; token: string }> {
    const { client, token } = await joinAsNewGuest(server);
    const room = localRoom(BoardRoom, client.seat);
    client.drop();
    await waitUntil(() => room.clients.length === 0);
    return { client, token };
  }

  function reconnect(server: Server, { seat, reconnectionToken }: Joined, token?: string) {
    const how = { method: "reconnect", ...(token === undefined ? {} : { token }) };
    return server.reserveSeat(seat.roomId, { reconnectionToken }, how);
  }

  it("goes back to that guest, with its session and its state", async () => {
    await using server = await startTestServer({ rooms });
    const { client, token } = await dropGuest(server);
    const seat = await reconnect(server, client, token);
    assert.equal(seat.status, 200);
    assert.equal(seat.sessionId, client.seat.sessionId);
    const subprotocols = ["atrium.1", `atrium-reconnect.${client.reconnectionToken}`];
    const again = await server.takeSeat(seat, { subprotocols }).joined();
    assert.deepEqual(again.hello?.user, client.seat.identity.user);
    assert.deepEqual((await again.intent("whoAmI", null)).payload, client.hello?.user);
    assert.notEqual(again.reconnectionToken, client.reconnectionToken);
  });

  it("is not given to another guest, nor to somebody without a token", async () => {
    await using server = await startTestServer({ rooms });
    const { client, token } = await dropGuest(server);
    const thief = await joinAsNewGuest(server);
    for (const stolen of [thief.token, undefined]) {
      const { status, sync, sessionId } = await reconnect(server, client, stolen);
      assert.deepEqual([status, sync?.code, sessionId], [410, "session-expired", undefined]);
    }
    // Nor is it lost to whom it belongs.
    assert.equal((await reconnect(server, client, token)).status, 200);
  });

  it("is not given to a forged token", async () => {
    await using server = await startTestServer({ rooms });
    const { client } = await dropGuest(server);
    const { id, name } = client.seat.identity.user;
    const forged = await forge(
      (each) => each.setSubject(id).setIssuedAt(),
      new Uint8Array(32).fill(name.length),
    );
    assert.equal((await reconnect(server, client, forged)).status, 401);
  });

  it("is not given for a reconnection token that is wrong, old or missing", async () => {
    await using server = await startTestServer({ rooms });
    const { client, token } = await dropGuest(server);
    for (const reconnectionToken of ["wrong", "", undefined, {}, "__proto__"]) {
      const how = { method: "reconnect", token };
      const options = { reconnectionToken };
      const { status } = await server.reserveSeat(client.seat.roomId, options, how);
      assert.ok(
        status >= 400 && status < 500,
        `${status} for ${JSON.stringify(reconnectionToken)}`,
      );
    }
  });

  it("is not taken by a socket that only knows the session", async () => {
    await using server = await startTestServer({ rooms });
    const { client } = await dropGuest(server);
    for (const subprotocols of [["atrium.1"], ["atrium.1", "atrium-reconnect.wrong"], []]) {
      const thief = server.takeSeat(client.seat, { subprotocols });
      const { code } = await thief.waitForClose();
      assert.ok(
        code === CloseCode.WITH_ERROR || code === CloseCode.FAILED_TO_RECONNECT,
        `closed with ${code}`,
      );
      assert.deepEqual([thief.state, thief.hello], [undefined, undefined]);
    }
    // Nor does such a socket make the seat one of a stock client, which needs no token.
    assert.equal((await reconnect(server, client)).status, 410);
    const room = localRoom(BoardRoom, client.seat);
    assert.equal(room.clients.length, 0);
  });

  it("is not taken from a guest who still sits in it", async () => {
    await using server = await startTestServer({ rooms });
    const { client } = await joinAsNewGuest(server);
    const thief = server.takeSeat(client.seat);
    await thief.waitForClose();
    assert.equal((await client.intent("whoAmI", null)).status, 0);
    assert.equal(client.closed, undefined);
  });
});

describe("a guest's secrets", () => {
  it("never appear in a URL: neither the token nor the proof of a reconnection", async () => {
    await using server = await startTestServer({ rooms });
    const urls: string[] = [];
    const secrets = new Set<string>();
    const { httpServer } = server.server;
    const { emit } = httpServer;
    // Not a listener: what is for us is answered before the server's own listeners see it.
    httpServer.emit = (event: string, ...args: unknown[]): boolean => {
      if (event === "request" || event === "upgrade") urls.push((args[0] as { url: string }).url);
      return Reflect.apply(emit, httpServer, [event, ...args]) as boolean;
    };
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    const realtime = connect<(typeof server)["server"]>(server.wsUrl, { storage });
    const joined = await realtime.join("board");
    const room = localRoom(BoardRoom, joined);
    const rememberProof = (): void => {
      for (const client of room.clients) {
        secrets.add(client.reconnectionToken);
      }
    };
    rememberProof();
    const isBack = new Promise<void>((resolve) => joined.onRejoin(resolve));
    room.clients[0]?.ref.terminate();
    await isBack;
    rememberProof();
    for (const token of kept.values()) secrets.add(token);
    realtime.disconnect();

    assert.equal(secrets.size, 3, "a token and two proofs");
    assert.ok(urls.length >= 4, urls.join("\n"));
    for (const secret of secrets) {
      assert.deepEqual(
        urls.filter((url) => url.includes(secret)),
        [],
      );
    }
    for (const url of urls) assert.match(url, /^\/matchmake\/\w+\/[\w-]+$|\?sessionId=[\w-]+$/);
  });

  it("are in no answer but that to a new guest", async () => {
    await using server = await startTestServer({ rooms });
    const { client, token } = await joinAsNewGuest(server);
    assert.equal(decodeJwt(token).sub, client.seat.identity.user.id);
    const answer = await server.reserveSeat("board", {}, { token });
    assert.equal(JSON.stringify(answer).includes(token), false);
    const witness = await server.joinFrames("board", {}, { token });
    await client.intent("whoAmI", null);
    for (const { bytes } of [...witness.frames, ...client.frames]) {
      assert.equal(Buffer.from(bytes).includes(token), false);
    }
  });
});
