import { createServer } from "../../../server/create-server.ts";
import { silentLogger } from "../../../server/logger.ts";
import { answerParent } from "../../bench/child-program.ts";
import { ServerPublisher } from "./server-publisher.ts";

/** How a trial wants its server. */
export interface TrialServer {
  /** 0: any that is free. */
  readonly port: number;
  /** Where every message of a client is stored; nowhere when left out. */
  readonly store?: string;
}

// The server of a trial in a process of its own, with one topic that only it publishes on.
let publisher: ServerPublisher;

async function listen({ port, store }: TrialServer): Promise<number> {
  const server = createServer({
    rooms: {},
    channels: [
      {
        pattern: "faults/*",
        publish: store === undefined ? true : { message: { persist: true } },
      },
    ],
    guestSecret: new Uint8Array(32).fill(7),
    logger: silentLogger,
    ...(store === undefined ? {} : { store }),
  });
  publisher = new ServerPublisher(server);
  await server.listen(port, "127.0.0.1");
  return server.port;
}

answerParent({
  listen,
  startPublishing: (perSecond: number) => publisher.start(perSecond),
  stopPublishing: () => publisher.stop(),
  published: () => publisher.published,
  usage: () => {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1_000, memoryMB: process.memoryUsage.rss() / 1_048_576 };
  },
});
