import { setLogger } from "@colyseus/core/Logger";
import type { Logger } from "./logger.ts";

/**
 * Sends what Colyseus would print to the server's logger. Most of it is a peer's malformed
 * frame or a refused join, so nothing of it counts as an error of ours.
 */
export function redirectColyseusLog(logger: Logger): void {
  const warn = (...parts: unknown[]): void => logger.warn(`colyseus: ${firstLine(parts)}`);
  const info = (...parts: unknown[]): void => logger.info(`colyseus: ${firstLine(parts)}`);
  setLogger({ debug() {}, trace() {}, info, warn, error: warn });
}

/** The message without the stack of code that is not ours. */
function firstLine(parts: unknown[]): string {
  return parts.map(String).join(" ").split("\n", 1)[0]!;
}
