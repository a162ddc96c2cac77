import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "../../server/create-server.ts";
import { silentLogger } from "../../server/logger.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { STORE_PROBE_INTERVAL_MS } from "../../shared/limits.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { memoryStore } from "../support/memory-store.ts";
import { startTestServer } from "../support/start-test-server.ts";

class SlowRoom extends SyncRoom {
  static end = Promise.withResolvers<void>();
  override onDispose(): Promise<void> {
    return SlowRoom.end.promise;
  }
}

const rooms = { slow: SlowRoom };

async function ask(url: string, path: string): Promise<string> {
  const response = await fetch(`${url}${path}`);
  return `${response.status} ${await response.text()}`;
}

describe("/healthz", () => {
  it("is live and ready while the server is open", async () => {
    await using server = await startTestServer({ rooms });
    assert.equal(await ask(server.httpUrl, "/healthz/live"), '200 {"status":"live"}');
    assert.equal(await ask(server.httpUrl, "/healthz/ready"), '200 {"status":"ready"}');
    assert.equal(await ask(server.httpUrl, "/healthz"), '200 {"status":"ready"}');
    const head = await fetch(`${server.httpUrl}/healthz`, { method: "HEAD" });
    assert.equal(head.status, 200);
  });

  it("is not ready while the store takes no writes, and says no more than that", async () => {
    const store = memoryStore();
    const clock = new FakeClock();
    await using server = await startTestServer({ rooms, store, clock });
    const { saveTopic } = store;
    store.saveTopic = () => Promise.reject(new Error("SQLITE_FULL in /secret/path"));
    assert.equal(await ask(server.httpUrl, "/healthz/ready"), '503 {"status":"not-ready"}');
    assert.equal(await ask(server.httpUrl, "/healthz/live"), '200 {"status":"live"}');
    store.saveTopic = saveTopic;
    await clock.advance(STORE_PROBE_INTERVAL_MS);
    assert.equal(await ask(server.httpUrl, "/healthz/ready"), '200 {"status":"ready"}');
  });

  it("is not ready while the server starts, on a port that is open already", async () => {
    const shared = createHttpServer((_request, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => shared.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(shared.address() as AddressInfo).port}`;
    const store = memoryStore();
    const listed = Promise.withResolvers<never[]>();
    store.rooms.listRooms = () => listed.promise;
    const options = { rooms, store, httpServer: shared, guestSecret: new Uint8Array(32) };
    const server = createServer({ ...options, logger: silentLogger });
    const opening = server.listen();
    assert.equal(await ask(url, "/healthz/ready"), '503 {"status":"not-ready"}');
    assert.equal(await ask(url, "/healthz/live"), '200 {"status":"live"}');
    listed.resolve([]);
    await opening;
    assert.equal(await ask(url, "/healthz/ready"), '200 {"status":"ready"}');
    await server.close();
    assert.equal(await ask(url, "/healthz/ready"), "404 ");
    shared.close();
    shared.closeAllConnections();
  });

  it("is not ready from the moment that the server begins to close", async () => {
    const server = await startTestServer({ rooms });
    await server.joinFrames("slow");
    const closing = server.close();
    assert.equal(await ask(server.httpUrl, "/healthz/ready"), '503 {"status":"not-ready"}');
    assert.equal(await ask(server.httpUrl, "/healthz/live"), '200 {"status":"live"}');
    SlowRoom.end.resolve();
    await closing;
  });

  it("takes GET and HEAD alone, and leaves other paths to others", async () => {
    await using server = await startTestServer({ rooms });
    const post = await fetch(`${server.httpUrl}/healthz`, { method: "POST" });
    assert.equal(post.status, 405);
    for (const path of ["/healthzz", "/healthz/", "/healthz/other"]) {
      assert.equal((await fetch(`${server.httpUrl}${path}`)).status, 404, path);
    }
  });

  it("can be left to somebody else", async () => {
    const http = (_request: unknown, response: { end(text: string): void }): void =>
      response.end("mine");
    await using server = await startTestServer({ rooms, http, health: false });
    assert.equal(await ask(server.httpUrl, "/healthz"), "200 mine");
  });
});
