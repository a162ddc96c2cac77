import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";

type Question = { id: number; name: string; argument: unknown };
type Answer = { id: number; value?: unknown; error?: string };
interface Asking {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}
type Answers = Record<string, (argument: never) => unknown>;

/** A program of its own with its own heap, compiler and clock, which answers questions. */
export class ChildProgram {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Asking>();
  #nextId = 1;

  constructor(program: URL, args: readonly string[] = []) {
    this.#process = fork(program, args, {
      execArgv: ["--expose-gc"],
      // Bytes travel as bytes.
      serialization: "advanced",
    });
    // Colyseus tells process managers that it is ready: not every message is an answer.
    this.#process.on("message", ({ id, value, error }: Answer) => {
      const asking = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) asking?.resolve(value as never);
      else asking?.reject(new Error(error));
    });
    this.#process.on("exit", (code) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`child ended with ${code}`));
    });
  }

  ask<Value>(name: string, argument?: unknown): Promise<Value> {
    const question: Question = { id: this.#nextId++, name, argument };
    return new Promise((resolve, reject) => {
      this.#waiting.set(question.id, { resolve, reject });
      this.#process.send(question);
    });
  }

  /** Ends it in the middle of whatever it does, as a crash would. */
  async crash(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Asks it to end as a deploy does; resolves with its exit code, null if it was killed. */
  async terminate(): Promise<number | null> {
    await this.#end("SIGTERM");
    return this.#process.exitCode;
  }

  /** Stops it in its tracks, or lets it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process.kill(signal);
  }

  /** Whether it has ended, by itself or not. */
  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.hasEnded) return;
    this.#process.kill(signal);
    await once(this.#process, "exit");
  }
}

/**
 * The other end: answers each question with what the function of that name returns. Ends with its
 * parent, also with one that was killed: nobody else would stop what it does.
 */
export function answerParent(answers: Answers): void {
  const answer = async ({ id, name, argument }: Question): Promise<Answer> => {
    try {
      return { id, value: await answers[name]!(argument as never) };
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  process.on("message", (question: Question) => {
    void answer(question).then((answered) => process.send?.(answered));
  });
  process.once("disconnect", () => process.exit());
}
