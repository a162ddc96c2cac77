import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { REPOSITORY_FOLDER } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

/** A program while it runs, such as `npm start`, and what it prints. */
export class RunningProgram {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  /** Ended, and everything it printed has arrived. */
  #hasClosed = false;
  #output = "";

  constructor(
    program: string,
    args: string[],
    environment: Record<string, string> = {},
    folder: string = REPOSITORY_FOLDER,
  ) {
    this.#child = spawn(program, args, {
      cwd: folder,
      // Vite says "production" to a process that has built pages, which this one need not be in.
      env: { ...process.env, NODE_ENV: "", ...environment },
      // A group of its own, as a terminal gives it: Ctrl-C reaches all of the group.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    }
    this.#ended = once(this.#child, "exit").then(([code]: unknown[]) => code as number | null);
    this.#child.once("close", () => (this.#hasClosed = true));
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves with the first line of the output that `pattern` matches; rejects at the end. */
  async waitForOutput(pattern: RegExp): Promise<string> {
    const find = (): string | undefined =>
      this.#output.split("\n").find((line) => pattern.test(line));
    const what = `output that matches ${String(pattern)}`;
    await waitUntil(() => find() !== undefined || this.#hasClosed, { timeoutMs: 20_000, what });
    const line = find();
    if (line === undefined) throw new Error(`ended without ${what}:\n${this.#output}`);
    return line;
  }

  /** Sends the signal to the process that was started, and to nothing that it started. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.#ended;
  }

  /** Sends a signal that does not end it. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Does what Ctrl-C in a terminal does: every process of the group gets the signal. */
  async interrupt(): Promise<number | null> {
    this.#signalGroup("SIGINT");
    return this.#ended;
  }

  /** Whether any process of the group is left. */
  get isRunning(): boolean {
    return this.#signalGroup(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signalGroup("SIGKILL");
    await this.#ended;
  }

  #signalGroup(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.#child.pid!, signal);
    } catch {
      // Nobody is left in the group.
      return false;
    }
  }
}
