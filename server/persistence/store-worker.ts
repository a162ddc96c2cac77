import { Worker } from "node:worker_threads";
import { SyncError, type SyncErrorCode } from "../../shared/errors.ts";
import type { Logger } from "../logger.ts";
import type { Durability } from "./durability.ts";
import type { RoomClaim } from "./room-store.ts";

/** What the worker is started with. */
export interface StoreWorkerData {
  readonly path: string;
  readonly durability: Durability;
  readonly maxFileBytes: number | undefined;
  readonly compactRoomUrl: string | undefined;
}

/** A room to be compacted, or without one: a checkpoint. */
export interface StoreWorkerRequest {
  readonly id: number;
  readonly claim: RoomClaim | undefined;
}

export interface StoreWorkerResponse {
  readonly id: number;
  readonly error: { readonly code: SyncErrorCode; readonly message: string } | undefined;
}

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * A worker thread with a connection of its own to a store's file, for what takes long: it is
 * started by the first request, and again after it failed. It keeps the process alive while
 * it works.
 */
export class StoreWorker {
  readonly #data: StoreWorkerData;
  readonly #logger: Logger;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;
  #isClosed = false;

  constructor(data: StoreWorkerData, logger: Logger) {
    this.#logger = logger;
    this.#data = data;
  }

  /** See `RoomStore#compactRoom`. */
  compact(claim: RoomClaim): Promise<void> {
    return this.#ask(claim);
  }

  /**
   * Moves what was committed from the log into the file, as far as nobody is in the way.
   * Never rejects: the main thread does it later.
   */
  async checkpoint(): Promise<void> {
    try {
      await this.#ask(undefined);
    } catch (error) {
      if (!this.#isClosed) this.#logger.warn("the store's log could not be shortened", error);
    }
  }

  /** What is under way is rejected with `closed`, and leaves the file as it was. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    this.#rejectAll(storeClosed());
  }

  #ask(claim: RoomClaim | undefined): Promise<void> {
    if (this.#isClosed) return Promise.reject(storeClosed());
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker ??= this.#start();
      this.#worker.ref();
      const request: StoreWorkerRequest = { id, claim };
      this.#worker.postMessage(request);
    });
  }

  #start(): Worker {
    // It needs none of the flags that this process was started with, and dies of some.
    const worker = new Worker(programUrl(), { execArgv: [], workerData: this.#data });
    worker.on("message", ({ id, error }: StoreWorkerResponse) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
      if (error === undefined) waiting?.resolve();
      else waiting?.reject(new SyncError(error.code, error.message));
    });
    worker.on("error", (error) => this.#fail(worker, error));
    worker.on("exit", (code) => this.#fail(worker, new Error(`worker ended with ${code}`)));
    return worker;
  }

  #fail(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#rejectAll(new SyncError("store-unavailable", "the store's worker failed", { cause }));
  }

  #rejectAll(error: SyncError): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.reject(error);
  }
}

function storeClosed(): SyncError {
  return new SyncError("closed", "the store is closed");
}

/** Source files run as they are; built ones have another ending. */
function programUrl(): URL {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./store-worker-program.${ending}`, import.meta.url);
}
