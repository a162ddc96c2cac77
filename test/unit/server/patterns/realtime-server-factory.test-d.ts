import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer } from "../../../../server/create-server.ts";
import { type RealtimeEvent, RealtimeServerFactory } from "../../../../server/patterns/index.ts";

// Compiled by `npm run types` and never run: a line below `@ts-expect-error` that compiles,
// or any other that does not, is a failed test.

type IsSame<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
declare function assertSame<One, Other>(isSame: IsSame<One, Other>): void;

export async function aServer(): Promise<void> {
  const server = RealtimeServerFactory.create({
    type: process.env["REALTIME_SERVER_TYPE"] || "websocket",
    port: 3030,
    host: "localhost",
    auth: { enabled: true, validateToken: () => true, extractClaims: () => ({ sub: "ada" }) },
    limits: { maxConnections: 10, maxTopicsPerClient: 5, messageRateLimit: 20 },
    allowedOrigins: ["https://example.com"],
  });
  await server.start();
  server.on("client.connected", ({ clientId, topic, timestamp, metadata }) => {
    assertSame<typeof clientId, string>(true);
    assertSame<typeof topic, string>(true);
    assertSame<typeof timestamp, Date>(true);
    void metadata?.ip;
  });
  server.on("client.disconnected", ({ topics }) => void topics.length);
  const off = server.on("message.received", ({ message }) => {
    assertSame<typeof message, RealtimeEvent>(true);
  });
  off();
  // @ts-expect-error: a server tells nothing of this.
  server.on("client.confused", () => undefined);
  void server.broadcast("users", {
    id: crypto.randomUUID(),
    type: "users.update",
    source: "server",
    timestamp: new Date(),
    data: { message: "Important update!" },
  });
  await server.sendToClient("client-1", { type: "whisper", data: null });
  assertSame<ReturnType<typeof server.getStats>["uptime"], number>(true);
  await server.stop();
}

export function attached(): void {
  RealtimeServerFactory.create({ attachTo: createHttpServer() });
  RealtimeServerFactory.create({ attachTo: createHttpsServer() });
  RealtimeServerFactory.create({ attachTo: createServer({ rooms: {} }) });
  // @ts-expect-error: a port is no server.
  RealtimeServerFactory.create({ attachTo: 3030 });
  // @ts-expect-error: there is no such limit.
  RealtimeServerFactory.create({ limits: { maxSockets: 3 } });
}
