import { fork, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "stock-client-program.ts");

/** What a test can ask the program for. */
export interface ClientReport {
  /** How often its state changed: full states and patches. */
  stateChanges: number;
  /** Of its whole state, which takes a while when that is large. */
  digest: string;
}

/** A stock SDK client in a process of its own, which a test can stall as a whole. */
export class StockClientProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when the client has joined the room. */
  static async start(serverUrl: string, roomName: string): Promise<StockClientProcess> {
    const child = fork(PROGRAM, [serverUrl, roomName]);
    await once(child, "message");
    return new StockClientProcess(child);
  }

  /** Stops the process in its tracks, as a laptop that is closed does. */
  stall(): void {
    this.#child.kill("SIGSTOP");
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }

  async report<Name extends keyof ClientReport>(name: Name): Promise<ClientReport[Name]> {
    const answer = once(this.#child, "message");
    this.#child.send(name);
    const [value] = (await answer) as [ClientReport[Name]];
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}

/** Tells two states apart without sending them. */
export function digestOf(state: unknown): string {
  return createHash("sha256").update(JSON.stringify(state)).digest("hex");
}
