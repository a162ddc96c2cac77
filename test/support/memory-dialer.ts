import { request, type Server } from "node:http";
import { duplexPair, type Duplex } from "node:stream";
import { WebSocket } from "ws";

/**
 * Connections to an HTTP server of this process that touch no network: both ends of each are
 * streams in memory, between the real parsers of HTTP and WebSocket on either side.
 */
export class MemoryDialer {
  readonly #server: () => Server;

  /** `server`: asked for each connection, so that a test can put another in its place. */
  constructor(server: () => Server) {
    this.#server = server;
  }

  readonly webSocket = (url: string, protocols: string[]): WebSocket =>
    new WebSocket(url, protocols, { createConnection: () => this.#dial() as never });

  readonly fetch: typeof fetch = (input, init = {}) =>
    new Promise((resolve, reject) => {
      const headers = Object.fromEntries(new Headers(init.headers));
      const { method = "GET", signal } = init;
      const createConnection = (): Duplex => this.#dial();
      const options = { method, headers, agent: false, createConnection } as const;
      const asking = request(input as string, options, (response) => {
        let body = "";
        response.on("data", (part: Buffer) => (body += part.toString()));
        response.on("end", () => resolve(new Response(body, { status: response.statusCode! })));
      });
      signal?.addEventListener("abort", () => asking.destroy(new Error("aborted")));
      asking.on("error", (cause) => reject(new TypeError("fetch failed", { cause })));
      asking.end(init.body);
    });

  #dial(): Duplex {
    const [near, far] = duplexPair();
    // The end of one stream is nothing to the other, as it would be between sockets.
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
    const server = this.#server();
    if (server.listening) server.emit("connection", far);
    else near.destroy(new Error("connection refused"));
    return near;
  }
}
