import { parentPort, workerData } from "node:worker_threads";
import { SyncError } from "../../shared/errors.ts";
import { openStoreWork } from "./store-work.ts";
import type { StoreWorkerData, StoreWorkerRequest, StoreWorkerResponse } from "./store-worker.ts";

// The program of a worker thread: it does one piece of work after the other, in order.
const work = openStoreWork(workerData as StoreWorkerData);
let done: Promise<void> = Promise.resolve();

parentPort?.on("message", (request: StoreWorkerRequest) => {
  done = answer(request, done);
});

async function answer({ id, claim }: StoreWorkerRequest, before: Promise<void>): Promise<void> {
  await before;
  const response = { id, error: await attempt(() => (claim ? work.compact(claim) : checkpoint())) };
  parentPort?.postMessage(response satisfies StoreWorkerResponse);
  // Behind a compaction the log is at its longest.
  if (claim !== undefined) await attempt(checkpoint);
}

async function checkpoint(): Promise<void> {
  work.checkpoint();
}

async function attempt(task: () => Promise<void>): Promise<StoreWorkerResponse["error"]> {
  try {
    await task();
    return undefined;
  } catch (error) {
    if (error instanceof SyncError) return { code: error.code, message: error.message };
    const message = `the store cannot be written to: ${String(error)}`;
    return { code: "store-unavailable", message };
  }
}
