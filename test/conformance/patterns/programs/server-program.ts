import { RealtimeServerFactory } from "atrium/server/patterns";
import { show } from "./show.ts";

const server = RealtimeServerFactory.create({
  type: process.env["REALTIME_SERVER_TYPE"] || "websocket",
  port: Number(process.env["PORT"]),
  host: "127.0.0.1",
});

await server.start();
show("Started on port", server.port);

server.on("client.connected", (data) => {
  show("A client is here:", data);
});
server.on("message.received", ({ message }) => {
  show("A client says:", message);
  // Whoever said something listens, and hears this.
  server.broadcast("users", updateOf("Hear, hear!"));
});

server.broadcast("users", updateOf("Nobody listens yet."));

function updateOf(message: string): Parameters<typeof server.broadcast>[1] {
  return {
    id: crypto.randomUUID(),
    type: "users.update",
    source: "server",
    timestamp: new Date(),
    data: { message },
  };
}
