import { parentPort } from "node:worker_threads";
import type { BaseRequest, BaseResponse } from "./worker-base-writer.ts";
import { compressCells } from "./compress-cells.ts";

// The program of a worker thread: it answers one request after the other, in order.
parentPort?.on("message", ({ id, cells, colors }: BaseRequest) => {
  // A copy of its own, which can be handed over instead of copied again.
  const body = Uint8Array.from(compressCells(cells, colors));
  const response: BaseResponse = { id, body };
  parentPort?.postMessage(response, [body.buffer]);
});
