import { Worker } from "node:worker_threads";
import { SyncError } from "../../shared/errors.ts";
import { ownModule } from "../own-module.ts";
import type { BaseWriter } from "./base-writer.ts";

/** A board to write down; its cells are shared with the worker, not copied. */
export interface BaseRequest {
  readonly id: number;
  readonly cells: Uint8Array;
  readonly colors: number;
}

export interface BaseResponse {
  readonly id: number;
  readonly body: Uint8Array;
}

interface Waiting {
  resolve(body: Uint8Array): void;
  reject(error: unknown): void;
}

/**
 * A worker thread that compresses boards, started by the first of them and started again
 * after it failed. It does not keep the process alive.
 */
export class WorkerBaseWriter implements BaseWriter {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;
  #isClosed = false;

  write(cells: Uint8Array, colors: number): Promise<Uint8Array> {
    if (this.#isClosed) return Promise.reject(new SyncError("closed", "the server is closed"));
    const id = this.#nextId;
    this.#nextId += 1;
    const request: BaseRequest = { id, cells, colors };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker ??= this.#start();
      this.#worker.postMessage(request);
    });
  }

  /** What is being written is rejected, and so is what comes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // It needs none of the flags that this process was started with, and dies of some.
    const worker = new Worker(ownModule(import.meta.url, "./base-worker"), { execArgv: [] });
    worker.on("message", ({ id, body }: BaseResponse) => {
      this.#waiting.get(id)?.resolve(body);
      this.#waiting.delete(id);
    });
    worker.on("error", (error) => this.#fail(worker, error));
    worker.on("exit", (code) => this.#fail(worker, new Error(`worker ended with ${code}`)));
    // Last: whoever listens for messages keeps the process alive.
    worker.unref();
    return worker;
  }

  #fail(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.reject(error);
  }
}
