import type { IncomingMessage } from "node:http";

/**
 * Decides which web pages may talk to the server. A browser says where a page came from; a
 * page of another origin acts with its visitor's rights, so it is refused unless named.
 */
export class OriginGuard {
  readonly #allowed: ReadonlySet<string>;

  constructor(allowedOrigins: readonly string[] = []) {
    this.#allowed = new Set(allowedOrigins.map(normalizeOrigin));
  }

  /** No Origin is not a browser, and allowed; `null` is a page that hides, and is not. */
  allows(request: IncomingMessage): boolean {
    const { origin, host } = request.headers;
    if (origin === undefined) return true;
    if (this.#allowed.has(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }
}

/** As browsers write it: lower case, no path. Throws a `TypeError` for what is no origin. */
function normalizeOrigin(text: string): string {
  const { origin } = new URL(text);
  if (origin === "null") throw new TypeError(`allowed origin "${text}" is not one of a page`);
  return origin;
}
