import type { RealtimeServer } from "../server/index.ts";

/**
 * Opens the server where `PORT` and `HOST` say, prints its address, and closes it on
 * Ctrl-C or SIGTERM, whereupon the process ends. `closeOthers` runs before the server closes.
 */
export async function runServer(
  server: RealtimeServer,
  closeOthers: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const port = Number(process.env["PORT"] || 2567);
  const host = process.env["HOST"] || "localhost";
  const stop = async (): Promise<void> => {
    await closeOthers();
    await server.close();
    process.exit(0);
  };
  // Once: a second Ctrl-C ends a process that hangs.
  process.once("SIGINT", () => void stop());
  process.once("SIGTERM", () => void stop());
  try {
    await server.listen(port, host);
  } catch (error) {
    process.stderr.write(`Cannot listen on port ${port} of ${host}: ${String(error)}\n`);
    process.exit(1);
  }
  process.stdout.write(`http://localhost:${server.port}\n`);
}
