import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ARENA_ADMIN_KEY } from "./arena-room.ts";
import { RunningProgram } from "./running-program.ts";
import { waitUntil } from "./wait-until.ts";

const PROGRAM = fileURLToPath(new URL("arena-server-program.ts", import.meta.url));

export interface ArenaServerOptions {
  /** Absent: a free port. */
  readonly port?: number;
  /** SQLite file. */
  readonly file: string;
  /** How far its clock is ahead of everybody else's. */
  readonly clockAheadMs?: number;
}

/** A server of `ArenaRoom`s in a process of its own. */
export class ArenaServer implements AsyncDisposable {
  readonly program: RunningProgram;
  readonly port: number;
  readonly #blockFile: string;

  private constructor(program: RunningProgram, port: number, blockFile: string) {
    this.program = program;
    this.port = port;
    this.#blockFile = blockFile;
  }

  static async start({
    port = 0,
    file,
    clockAheadMs = 0,
  }: ArenaServerOptions): Promise<ArenaServer> {
    const blockFile = `${file}.${randomUUID()}.blocked`;
    const program = new RunningProgram(process.execPath, [PROGRAM], {
      PORT: String(port),
      STORE: `sqlite:${file}`,
      CLOCK_AHEAD_MS: String(clockAheadMs),
      BLOCK_FILE: blockFile,
    });
    const line = await program.waitForOutput(/^listening /);
    return new ArenaServer(program, Number(line.split(" ")[1]), blockFile);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** The ids of the rooms that are open in it. */
  async listRooms(): Promise<string[]> {
    const headers = { Authorization: `Bearer ${ARENA_ADMIN_KEY}` };
    const answer = await fetch(`http://127.0.0.1:${this.port}/api/admin/rooms`, { headers });
    const { rooms } = (await answer.json()) as { rooms: { roomId: string }[] };
    return rooms.map(({ roomId }) => roomId);
  }

  /** Blocks its event loop; resolves when nothing of it runs any more. */
  async block(): Promise<void> {
    this.program.signal("SIGUSR2");
    await waitUntil(() => existsSync(this.#blockFile), { timeoutMs: 20_000 });
  }

  /** Lets everything run that has waited. */
  async unblock(): Promise<void> {
    await rm(this.#blockFile);
  }

  /** Ends the process without a word, as a crash does. */
  async kill(): Promise<void> {
    await this.program.stop("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}
