import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server as SocketIoServer } from "socket.io";
import { createServer } from "../../../server/create-server.ts";
import { silentLogger } from "../../../server/logger.ts";
import { answerParent } from "../child-program.ts";
import type { ChatMessage, ServerKind } from "./message.ts";

// A server of its own: our channels, or socket.io 4 with its rooms. Both take a publication
// from a client, tell everybody who subscribed, the publisher as well, and acknowledge it.
// Ours checks a policy, gives it a place in an order and keeps it for those who are away.
const [kind] = process.argv.slice(2) as [ServerKind];

interface Publish {
  readonly topic: string;
  readonly event: string;
  readonly data: ChatMessage;
}

async function listen(): Promise<number> {
  if (kind === "atrium") {
    const server = createServer({
      rooms: {},
      channels: [{ pattern: "bench/*", publish: true }],
      guestSecret: new Uint8Array(32).fill(7),
      logger: silentLogger,
    });
    await server.listen(0, "127.0.0.1");
    return server.port;
  }
  const httpServer = createHttpServer();
  const server = new SocketIoServer(httpServer, { transports: ["websocket"] });
  server.on("connection", (socket) => {
    socket.on("subscribe", async (topic: string, acknowledge: () => void) => {
      await socket.join(topic);
      acknowledge();
    });
    socket.on("publish", ({ topic, event, data }: Publish, acknowledge: () => void) => {
      server.to(topic).emit(event, data);
      acknowledge();
    });
  });
  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  return (httpServer.address() as AddressInfo).port;
}

answerParent({
  listen,
  /** Milliseconds of CPU that the process has used, and how much memory it has. */
  usage: () => {
    const { user, system } = process.cpuUsage();
    return {
      cpuMs: (user + system) / 1_000,
      at: performance.now(),
      memoryMB: process.memoryUsage.rss() / 1_048_576,
    };
  },
  collectGarbage: () => globalThis.gc?.(),
});
