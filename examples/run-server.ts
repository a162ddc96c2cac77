import { networkInterfaces } from "node:os";
import { closeOnSignals, type RealtimeServer, type SignalOptions } from "../server/index.ts";

/**
 * Opens the server where `PORT` and `HOST` say, prints its address, and on Ctrl-C or SIGTERM
 * closes it and ends the process.
 */
export async function runServer(
  server: RealtimeServer,
  options: SignalOptions = {},
): Promise<void> {
  const port = Number(process.env["PORT"] || 2567);
  const host = process.env["HOST"] || "localhost";
  closeOnSignals(server, options);
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
