import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

const STEP_MS = 10;

/**
 * Stands between clients and a server, over real sockets, and lets only so much a second
 * through from the server: what is more stays in the kernel's buffers, then with the server.
 */
export class ThrottlingProxy implements AsyncDisposable {
  /** To all clients together; 0: nothing passes. */
  bytesPerSecond = Infinity;
  /** What came through from the server while that was bounded. */
  passedBytes = 0;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #sockets = new Set<Socket>();
  readonly #timer: NodeJS.Timeout;
  #waiting: { readonly to: Socket; readonly from: Socket; chunk: Buffer }[] = [];
  #steppedAt = performance.now();

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((client) => this.#join(client));
    this.#timer = setInterval(() => this.#step(), STEP_MS);
  }

  static async open(targetUrl: string): Promise<ThrottlingProxy> {
    const proxy = new ThrottlingProxy(Number(new URL(targetUrl).port));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket): void {
    const upstream = connect(this.#targetPort, "127.0.0.1");
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        (socket === client ? upstream : client).destroy();
      });
    }
    client.pipe(upstream);
    upstream.on("data", (chunk) => {
      if (this.bytesPerSecond === Infinity && this.#waiting.length === 0) {
        client.write(chunk);
        return;
      }
      upstream.pause();
      this.#waiting.push({ to: client, from: upstream, chunk });
    });
  }

  #step(): void {
    const now = performance.now();
    let budget = ((now - this.#steppedAt) * this.bytesPerSecond) / 1_000;
    this.#steppedAt = now;
    while (this.#waiting.length > 0 && budget > 0) {
      const first = this.#waiting[0]!;
      const size = Math.min(first.chunk.byteLength, Math.ceil(budget));
      first.to.write(first.chunk.subarray(0, size));
      first.chunk = first.chunk.subarray(size);
      budget -= size;
      this.passedBytes += size;
      if (first.chunk.byteLength > 0) return;
      this.#waiting.shift();
      first.from.resume();
    }
  }
}
