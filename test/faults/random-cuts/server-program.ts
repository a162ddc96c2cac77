import { createServer } from "../../../server/create-server.ts";
import { silentLogger } from "../../../server/logger.ts";
import { answerParent } from "../../bench/child-program.ts";
import { ServerPublisher } from "./server-publisher.ts";

// The server of a run in a process of its own, with one topic that only it publishes on.
const server = createServer({
  rooms: {},
  channels: [{ pattern: "faults/*", publish: true }],
  guestSecret: new Uint8Array(32).fill(7),
  logger: silentLogger,
});
const publisher = new ServerPublisher(server);

answerParent({
  listen: async () => {
    await server.listen(0, "127.0.0.1");
    return `ws://127.0.0.1:${server.port}`;
  },
  startPublishing: (perSecond: number) => publisher.start(perSecond),
  stopPublishing: () => publisher.stop(),
  published: () => publisher.published,
  usage: () => {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1_000, memoryMB: process.memoryUsage.rss() / 1_048_576 };
  },
});
