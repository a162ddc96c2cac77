import { ChildProgram } from "../../bench/child-program.ts";

const PROGRAM = new URL("stock-server-program.ts", import.meta.url);

/** A stock server: processes come and go, its port stays. */
export class StockServer implements AsyncDisposable {
  #program: ChildProgram | undefined;
  #port = 0;

  static async open(): Promise<StockServer> {
    const server = new StockServer();
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    this.#program = new ChildProgram(PROGRAM);
    this.#port = await this.#program.ask<number>("listen", { port: this.#port });
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  get program(): ChildProgram {
    return this.#program!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its own shutdown may take its time.
    await this.program.crash();
  }
}
