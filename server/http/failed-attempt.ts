import type { IncomingMessage } from "node:http";
import type { Entrance } from "./entrance.ts";

/**
 * Counts that somebody showed a key or a token that is no good. Throws `rate-limited` for too
 * many from one address: whoever has the right one never gets here.
 */
export function countFailedAttempt(
  { proxies, addresses }: Entrance,
  request: IncomingMessage,
): void {
  const { address } = proxies.read(request);
  addresses.checkAttempt(address);
  addresses.noteFailure(address);
}
