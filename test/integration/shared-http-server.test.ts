import assert from "node:assert/strict";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer, WebSocket as NodeWebSocket } from "ws";
import { connect } from "../../client/connect.ts";
import { createServer } from "../../server/create-server.ts";
import { silentLogger } from "../../server/logger.ts";
import type { RealtimeServer } from "../../server/realtime-server.ts";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { TEST_GUEST_SECRET } from "../../server/testing/create-test-server.ts";
import { refusalOf } from "../support/refusal-of.ts";

class QuietRoom extends SyncRoom {}
type QuietServer = RealtimeServer<{ quiet: typeof QuietRoom }>;

function share(httpServer: HttpServer): RealtimeServer {
  const rooms = { quiet: QuietRoom };
  return createServer({ rooms, httpServer, guestSecret: TEST_GUEST_SECRET, logger: silentLogger });
}

/** Somebody's own server, on a free port; it closes with whoever is still connected. */
async function openHttpServer(): Promise<AsyncDisposable & { server: HttpServer; url: string }> {
  const server = createHttpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textAt(url: string, method = "GET"): Promise<string> {
  return (await fetch(url, { method })).text();
}

function opened(url: string): Promise<WebSocket> {
  const socket = new NodeWebSocket(url);
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(socket));
    socket.once("error", reject);
  });
}

describe("createServer on a shared HTTP server", () => {
  it("answers what is its own and nothing else, whenever the others were added", async () => {
    await using http = await openHttpServer();
    http.server.on("request", (_request, response) => response.write("first "));
    await using realtime = share(http.server);
    await realtime.listen();
    http.server.on("request", (request, response) => response.end(`and last ${request.url}`));
    assert.equal(await textAt(`${http.url}/page`), "first and last /page");
    const client = connect<QuietServer>(http.url, { storage: null });
    assert.equal((await client.join("quiet")).isConnected, true);
    client.disconnect();
  });

  it("leaves upgrades that are for others to others", async () => {
    await using http = await openHttpServer();
    await using realtime = share(http.server);
    await realtime.listen();
    const others = new WebSocketServer({ noServer: true });
    http.server.on("upgrade", (request, socket, head) => {
      if (request.url === "/others") others.handleUpgrade(request, socket, head, () => {});
    });
    const socket = await opened(`${http.url}/others`);
    const client = connect<QuietServer>(http.url, { storage: null });
    assert.equal((await client.join("quiet")).isConnected, true);
    client.disconnect();
    socket.terminate();
  });

  it("has the port of that server, and leaves it open when it is closed itself", async () => {
    await using http = await openHttpServer();
    http.server.on("request", (_request, response) => response.end("mine"));
    const realtime = share(http.server);
    await realtime.listen();
    assert.equal(`http://127.0.0.1:${realtime.port}`, http.url);
    assert.notEqual(await textAt(`${http.url}/matchmake/joinOrCreate/quiet`, "POST"), "mine");
    await realtime.close();
    assert.equal(await textAt(`${http.url}/matchmake/joinOrCreate/quiet`, "POST"), "mine");
    await using again = share(http.server);
    await again.listen();
    const client = connect<QuietServer>(http.url, { storage: null });
    assert.equal((await client.join("quiet")).isConnected, true);
    client.disconnect();
  });

  it("leaves nothing of its own behind", async () => {
    await using http = await openHttpServer();
    const listeners = (): unknown[] =>
      ["request", "upgrade", "close", "error"].map((event) => http.server.listeners(event));
    const before = [http.server.emit, ...listeners()];
    const realtime = share(http.server);
    await realtime.listen();
    await realtime.close();
    assert.deepEqual([http.server.emit, ...listeners()], before);
  });

  it("opens the port if listen is given one, and closes it then", async () => {
    const httpServer = createHttpServer((_request, response) => response.end("mine"));
    const realtime = share(httpServer);
    await realtime.listen(0, "127.0.0.1");
    assert.equal(await textAt(`http://127.0.0.1:${realtime.port}/`), "mine");
    await realtime.close();
    assert.equal(httpServer.listening, false);
  });

  it("is refused together with a handler of its own", async () => {
    const options = { rooms: {}, httpServer: createHttpServer(), http: () => undefined };
    const refusal = await refusalOf(() => createServer(options));
    assert.equal(refusal.code, "options-invalid");
  });
});
