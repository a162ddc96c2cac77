import assert from "node:assert/strict";
import type { ConnectOptions } from "../../../client/connect.ts";
import { CloseCode } from "../../../shared/protocol/close-codes.ts";
import { FakeClient } from "../../support/fake-client.ts";
import { refusal } from "../../support/fake-room-server.ts";
import { FakeStorage } from "../../support/fake-storage.ts";

const LONG_ENOUGH_MS = 5_000;

/** The page that a reload puts in the place of another: it has the storages and nothing else. */
function reload(older: FakeClient, options: ConnectOptions): FakeClient {
  const { fetch, webSocket } = older.server;
  const newer = new FakeClient({ ...options, fetch, webSocket, clock: older.clock });
  older.server.drop(CloseCode.GOING_AWAY);
  return newer;
}

/** A page in a room whose server comes back with another schema. */
async function outdatedPage(options: ConnectOptions): Promise<FakeClient> {
  const client = new FakeClient(options);
  await client.join();
  client.server.drop();
  client.server.room.schemaHash = "hash-2";
  await client.clock.advance(LONG_ENOUGH_MS);
  return client;
}

describe("RealtimeClient of a page that is older than its server", () => {
  it("says so, ends, and leaves its seat to the page that replaces it", async () => {
    const seatStorage = new FakeStorage();
    const client = new FakeClient({ seatStorage });
    const room = await client.join();
    const codes: string[] = [];
    client.realtime.onOutdated(({ code }) => codes.push(code));
    client.server.drop();
    client.server.room.schemaHash = "hash-2";
    await client.clock.advance(LONG_ENOUGH_MS);
    assert.deepEqual(codes, ["version-mismatch"]);
    assert.equal(client.realtime.status, "disconnected");

    const newer = reload(client, { seatStorage });
    assert.equal((await newer.join()).sessionId, room.sessionId);
    const methods = client.server.asked.map(({ method }) => method);
    assert.deepEqual(methods, ["joinOrCreate", "reconnect", "reconnect"]);
  });

  it("keeps the seat outside of every address, and only until it is used", async () => {
    const seatStorage = new FakeStorage();
    const client = await outdatedPage({ seatStorage });
    assert.match(seatStorage.text, /token-1/);
    const newer = reload(client, { seatStorage });
    await newer.join();
    assert.equal(seatStorage.size, 0);
    assert.ok(client.server.sockets.every(({ url }) => !url.includes("token-1")));
  });

  it("is one whose server has another build than the first server it met", async () => {
    const client = new FakeClient({ seatStorage: null });
    client.server.room.build = "one";
    const room = await client.join();
    const errors: string[] = [];
    room.onError(({ code, message }) => errors.push(`${code}: ${message}`));
    client.server.drop();
    await client.clock.advance(LONG_ENOUGH_MS);
    assert.ok(room.isConnected);
    assert.ok(client.server.lastSocket.protocols.includes("atrium-build.one"));

    client.server.drop();
    client.server.room.build = "two";
    await client.clock.advance(LONG_ENOUGH_MS);
    assert.deepEqual(errors, ["version-mismatch: the server has newer pages than this one"]);
  });

  it("is found out by a room that it joins only then, and keeps its seat in the others", async () => {
    const seatStorage = new FakeStorage();
    const client = new FakeClient({ seatStorage });
    client.server.room.build = "one";
    const room = await client.join();
    let told = 0;
    client.realtime.onOutdated(() => (told += 1));
    client.server.room.build = "two";
    const joining = client.realtime.join("fake", { board: "other" });
    await assert.rejects(joining, { code: "version-mismatch" });
    assert.equal(told, 1);
    assert.ok(room.isConnected);

    const newer = reload(client, { seatStorage });
    assert.equal((await newer.join()).sessionId, room.sessionId);
  });

  for (const build of [undefined, 7, "", "a b", "a,b", "x".repeat(65)]) {
    it(`takes a build of ${JSON.stringify(build)?.slice(0, 8)} for none`, async () => {
      const client = new FakeClient();
      client.server.room.build = build as string | undefined;
      const room = await client.join();
      client.server.drop();
      await client.clock.advance(LONG_ENOUGH_MS);
      assert.ok(room.isConnected);
      assert.ok(client.server.lastSocket.protocols.every((each) => !each.includes("build")));
    });
  }

  it("gives its seat to one of the pages of a tab that was duplicated, a new one to the other", async () => {
    const seatStorage = new FakeStorage();
    const client = await outdatedPage({ seatStorage });
    const duplicate = new FakeStorage(seatStorage);
    const one = reload(client, { seatStorage });
    assert.equal((await one.join()).sessionId, "session-1");
    // The ticket of a seat that somebody sits in is good for nothing.
    client.server.intercept = ({ method }) =>
      method === "reconnect" ? refusal(410, "session-expired") : undefined;
    const { fetch, webSocket } = client.server;
    const other = new FakeClient({ seatStorage: duplicate, fetch, webSocket, clock: client.clock });
    assert.equal((await other.join()).sessionId, "session-2");
    assert.equal(duplicate.size, 0);
  });

  it("takes a new seat when the one that was kept is gone", async () => {
    const seatStorage = new FakeStorage();
    const client = await outdatedPage({ seatStorage });
    const newer = reload(client, { seatStorage });
    client.server.forgetSeats();
    assert.equal((await newer.join()).sessionId, "session-2");
  });

  it("keeps the seat for another attempt while the server cannot be reached", async () => {
    const seatStorage = new FakeStorage();
    const client = await outdatedPage({ seatStorage });
    const newer = reload(client, { seatStorage });
    client.server.intercept = () => refusal(503, "unreachable");
    await assert.rejects(newer.join(), { code: "unreachable" });
    client.server.intercept = undefined;
    assert.equal((await newer.join()).sessionId, "session-1");
  });

  it("asks for the seat with the very options of the join only", async () => {
    const seatStorage = new FakeStorage();
    const client = await outdatedPage({ seatStorage });
    const newer = reload(client, { seatStorage });
    const other = await newer.realtime.join("fake", { board: "other" });
    assert.equal(other.sessionId, "session-2");
    assert.equal((await newer.join()).sessionId, "session-1");
  });

  it("keeps no seat that it has left", async () => {
    const seatStorage = new FakeStorage();
    const client = new FakeClient({ seatStorage });
    const left = await client.join();
    const room = await client.join();
    await left.leave();
    client.server.drop();
    client.server.room.schemaHash = "hash-2";
    await client.clock.advance(LONG_ENOUGH_MS);
    assert.equal(room.isConnected, false);
    assert.equal(seatStorage.text.match(/token-/g)?.length, 1);
  });

  it("keeps nothing at any other end", async () => {
    const seatStorage = new FakeStorage();
    const client = new FakeClient({ seatStorage });
    await client.join();
    client.server.drop(CloseCode.FRAME_MALFORMED);
    await client.settle();
    assert.equal(client.realtime.status, "disconnected");
    assert.equal(seatStorage.size, 0);
  });

  it("keeps nothing where nothing may be kept", async () => {
    const client = await outdatedPage({ seatStorage: null });
    const newer = reload(client, { seatStorage: null });
    assert.equal((await newer.join()).sessionId, "session-2");
  });
});
