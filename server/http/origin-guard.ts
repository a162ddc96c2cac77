import type { IncomingMessage } from "node:http";
import { TrustedProxies } from "../transport/trusted-proxies.ts";

/** Of pages that a server has; those of apps and extensions have to be named. */
const WEB_PROTOCOLS: ReadonlySet<string> = new Set(["http:", "https:"]);

const NO_URL = { origin: "null", protocol: "", host: "" };

/**
 * Decides which web pages may talk to the server. A browser says where a page came from; a
 * page of another origin acts with its visitor's rights, so it is refused unless named.
 */
export class OriginGuard {
  readonly #allowed: ReadonlySet<string>;
  readonly #proxies: TrustedProxies;

  /** `proxies`: who may say which host a browser asked for, and how, in place of the request. */
  constructor(allowedOrigins: readonly string[] = [], proxies = new TrustedProxies()) {
    this.#allowed = new Set(allowedOrigins.map(normalizeOrigin));
    this.#proxies = proxies;
  }

  /** No Origin is not a browser, and allowed; `null` is a page that hides, and is not. */
  allows(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    if (origin === undefined) return true;
    if (this.#allowed.has(origin)) return true;
    if (!URL.canParse(origin)) return false;
    const page = new URL(origin);
    const { host, isSecure } = this.#proxies.read(request);
    if (host === undefined || !WEB_PROTOCOLS.has(page.protocol)) return false;
    // Where nobody says how the page came here, its own word cannot make it another host's.
    const protocol = isSecure === undefined ? page.protocol : isSecure ? "https:" : "http:";
    const server = `${protocol}//${host}`;
    // Ports are compared too; that of the protocol need not be written.
    return URL.canParse(server) && addressOf(new URL(server)) === addressOf(page);
  }
}

function addressOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

/**
 * As browsers write it: lower case, no path; also that of a page inside of an app, such as
 * `capacitor://localhost`. Throws a `TypeError` for what is no origin.
 */
function normalizeOrigin(text: string): string {
  const { origin, protocol, host } = URL.canParse(text) ? new URL(text) : NO_URL;
  if (origin !== "null") return origin;
  if (host !== "") return `${protocol}//${host}`;
  throw new TypeError(`allowed origin "${text}" is not one of a page, such as https://example.com`);
}
