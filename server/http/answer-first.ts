import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";

/** Answers a request if it is for us; false: it is somebody else's. */
export type Answerer = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Lets `answer` look at each request of somebody's server first. What it takes the server's
 * own listeners never see, whenever they were added; they would answer it a second time.
 * Returns what ends it.
 */
export function answerFirst(server: HttpServer, answer: Answerer): () => void {
  // Node calls every listener of a request, and none can keep it from the others.
  // oxlint-disable-next-line typescript/unbound-method -- it is called on the server below
  const { emit } = server;
  let isOver = false;
  const emitOthers = (event: string, ...args: unknown[]): boolean => {
    const [request, response] = args as Parameters<Answerer>;
    if (event === "request" && !isOver && answer(request, response)) return true;
    return Reflect.apply(emit, server, [event, ...args]) as boolean;
  };
  server.emit = emitOthers;
  return () => {
    isOver = true;
    // Somebody else may have done the same after us: then ours stays, and lets all pass.
    if (server.emit === emitOthers) server.emit = emit;
  };
}
