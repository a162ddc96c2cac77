import { fileURLToPath } from "node:url";
import { RunningProgram } from "./running-program.ts";

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

  constructor(program: RunningProgram, port: number) {
    this.program = program;
    this.port = port;
  }

  static async start({
    port = 0,
    file,
    clockAheadMs = 0,
  }: ArenaServerOptions): Promise<ArenaServer> {
    const program = new RunningProgram(process.execPath, [PROGRAM], {
      PORT: String(port),
      STORE: `sqlite:${file}`,
      CLOCK_AHEAD_MS: String(clockAheadMs),
    });
    const line = await program.waitForOutput(/^listening /);
    return new ArenaServer(program, Number(line.split(" ")[1]));
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Ends the process without a word, as a crash does. */
  async kill(): Promise<void> {
    await this.program.stop("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}
