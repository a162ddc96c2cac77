/** Where a server is: what matchmaking and sockets build their addresses from. */
export class Endpoint {
  readonly #http: string;
  readonly #socket: string;
  readonly #socketScheme: string;
  /** Host and port: tokens are kept per server. */
  readonly host: string;

  /** Throws `TypeError` for what is no ws, wss, http or https address. */
  constructor(url: string) {
    const page = (globalThis as { location?: { href?: string } }).location?.href;
    const { protocol, host, pathname } = new URL(url, page);
    if (!["ws:", "wss:", "http:", "https:"].includes(protocol)) {
      throw new TypeError(`cannot connect to "${url}": ${protocol} is neither ws nor http`);
    }
    const secure = protocol === "wss:" || protocol === "https:" ? "s" : "";
    const path = pathname.replace(/\/+$/, "");
    this.host = host;
    this.#http = `http${secure}://${host}${path}`;
    this.#socketScheme = `ws${secure}://`;
    this.#socket = `${this.#socketScheme}${host}${path}`;
  }

  matchmakeUrl(method: "joinOrCreate" | "reconnect", target: string): string {
    return `${this.#http}/matchmake/${method}/${encodeURIComponent(target)}`;
  }

  /** The address holds nothing but the session id: addresses end up in logs. */
  socketUrl(seat: {
    processId: string;
    roomId: string;
    sessionId: string;
    publicAddress?: string;
  }): string {
    const base =
      seat.publicAddress === undefined
        ? this.#socket
        : `${this.#socketScheme}${seat.publicAddress}`;
    const path = [seat.processId, seat.roomId].map(encodeURIComponent).join("/");
    return `${base}/${path}?sessionId=${encodeURIComponent(seat.sessionId)}`;
  }
}
