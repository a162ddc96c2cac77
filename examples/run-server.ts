import { networkInterfaces } from "node:os";
import type { RealtimeServer } from "../server/index.ts";

/** A second Ctrl-C within this time is npm passing on the first, not a person's impatience. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Opens the server where `PORT` and `HOST` say, prints its address, and on Ctrl-C or SIGTERM
 * closes it and ends the process. `closeOthers` runs before the server closes.
 */
export async function runServer(
  server: RealtimeServer,
  closeOthers: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const port = Number(process.env["PORT"] || 2567);
  const host = process.env["HOST"] || "localhost";
  onStopSignal(async () => {
    await closeOthers();
    await server.close();
  });
  try {
    await server.listen(port, host);
  } catch (error) {
    process.stderr.write(`Cannot listen on port ${port} of ${host}: ${String(error)}\n`);
    process.exit(1);
  }
  for (const name of ["localhost", ...namesOnTheNetwork(host)]) {
    process.stdout.write(`http://${name}:${server.port}\n`);
  }
}

/** What another device types to get here, when the server listens to more than this machine. */
function namesOnTheNetwork(host: string): string[] {
  if (host !== "0.0.0.0" && host !== "::") return [];
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return addresses
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}

function onStopSignal(close: () => Promise<void>): void {
  let stoppedAt: number | undefined;
  const stop = (): void => {
    if (stoppedAt === undefined) {
      stoppedAt = performance.now();
      close().then(
        () => process.exit(),
        (error: unknown) => {
          process.stderr.write(`Stopped with an error: ${String(error)}\n`);
          process.exit(1);
        },
      );
    } else if (performance.now() - stoppedAt > SAME_SIGNAL_MS) {
      process.exit(1);
    }
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
