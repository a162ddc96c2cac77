import type { IncomingMessage } from "node:http";
import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";

/** By when a body has to be there. */
export interface BodyDeadline {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/**
 * A request's body as text. Throws `payload-too-large` without reading on, `timed-out` when it
 * takes longer than it may (who sends a byte now and then keeps a connection, no more), and
 * `closed` when it is cut.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  deadline?: BodyDeadline,
): Promise<string> {
  if (deadline === undefined) return readAll(request, maxBytes);
  const { clock, timeoutMs } = deadline;
  let stop = (): void => {};
  const isLate = new Promise<never>((_resolve, reject) => {
    const text = `a body that is not complete after ${timeoutMs} ms`;
    stop = clock.schedule(timeoutMs, () => reject(new SyncError("timed-out", text)));
  });
  try {
    return await Promise.race([readAll(request, maxBytes), isLate]);
  } finally {
    stop();
  }
}

async function readAll(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let byteLength = 0;
  for await (const chunk of chunksOf(request)) {
    byteLength += chunk.byteLength;
    if (byteLength > maxBytes) {
      throw new SyncError(
        "payload-too-large",
        `body of over ${byteLength} bytes exceeds ${maxBytes}`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function* chunksOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* request as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new SyncError("closed", "the request ended before its body was there", { cause });
  }
}
