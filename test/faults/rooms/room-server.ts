import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChildProgram } from "../../bench/child-program.ts";
import type { ListedRoom, RoomServerOptions } from "./room-server-program.ts";

type Settings = Omit<RoomServerOptions, "port" | "path">;

const PROGRAM = new URL("room-server-program.ts", import.meta.url);

/** The server of a trial with its store: processes come and go, its file and its port stay. */
export class RoomServer implements AsyncDisposable {
  readonly #folder: string;
  #options: Settings;
  #program: ChildProgram | undefined;
  #port = 0;

  private constructor(folder: string, options: Settings) {
    this.#folder = folder;
    this.#options = options;
  }

  static async open(options: Omit<RoomServerOptions, "port" | "path"> = {}): Promise<RoomServer> {
    const server = new RoomServer(await mkdtemp(join(tmpdir(), "atrium-faults-")), options);
    await server.start();
    return server;
  }

  /** Resolves when the port is open; with other settings than before, if some are given. */
  async start(options?: Settings): Promise<void> {
    this.#options = options ?? this.#options;
    this.#program = new ChildProgram(PROGRAM);
    const path = join(this.#folder, "rooms.db");
    const asked: RoomServerOptions = { ...this.#options, port: this.#port, path };
    this.#port = await this.#program.ask<number>("listen", asked);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  get program(): ChildProgram {
    return this.#program!;
  }

  /** Ends it without a word, as `kill -9` does. */
  async kill(): Promise<void> {
    await this.program.crash();
  }

  async listRooms(): Promise<ListedRoom[]> {
    return await this.program.ask<ListedRoom[]>("listRooms");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
