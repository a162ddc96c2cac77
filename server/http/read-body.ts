import type { IncomingMessage } from "node:http";
import { SyncError } from "../../shared/errors.ts";

/** A request's body as text. Throws `payload-too-large` without reading on. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let byteLength = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
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
