import { SHUTDOWN_MS } from "../shared/limits.ts";
import { stderrLogger, type Logger } from "./logger.ts";

/** A second Ctrl-C within this time is npm passing on the first, not a person's impatience. */
const SAME_SIGNAL_MS = 1_000;

/** What happens around the close; reports go to standard error unless `logger` says more. */
export interface SignalOptions {
  /** Runs before the server closes. */
  readonly before?: () => Promise<void>;
  readonly logger?: Logger;
}

/**
 * Closes the server when the process is told to end (SIGTERM, Ctrl-C), and ends the process:
 * with 0 when the server has closed, with 1 when closing failed, took over 30 s, or somebody
 * pressed Ctrl-C again. Returns its undo.
 */
export function closeOnSignals(
  server: { close(): Promise<void> },
  { before = () => Promise.resolve(), logger = stderrLogger }: SignalOptions = {},
): () => void {
  let stoppedAt: number | undefined;
  const close = async (): Promise<void> => {
    const giveUp = setTimeout(() => {
      logger.error(`not closed within ${SHUTDOWN_MS} ms: ending all the same`);
      process.exit(1);
    }, SHUTDOWN_MS);
    giveUp.unref();
    try {
      await before();
      await server.close();
      process.exit(0);
    } catch (error) {
      logger.error("closing the server failed", error);
      process.exit(1);
    }
  };
  const stop = (): void => {
    if (stoppedAt === undefined) {
      stoppedAt = performance.now();
      void close();
    } else if (performance.now() - stoppedAt > SAME_SIGNAL_MS) {
      process.exit(1);
    }
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return () => {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  };
}
