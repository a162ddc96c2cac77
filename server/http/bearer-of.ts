import type { IncomingMessage } from "node:http";
import { getBearerToken } from "@colyseus/core";

/** The key or token that a request shows; empty: none. */
export function bearerOf({ headers }: IncomingMessage): string {
  return getBearerToken(headers.authorization ?? "") ?? "";
}
