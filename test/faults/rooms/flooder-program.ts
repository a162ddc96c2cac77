import { answerParent } from "../../bench/child-program.ts";
import { FrameClient, messageFrame } from "../../support/frame-client.ts";
import { waitUntil } from "../../support/wait-until.ts";

export interface FloodOptions {
  readonly url: string;
  readonly clients: number;
  /** Frames of each. */
  readonly perSecond: number;
}

export interface FloodReport {
  /** Of each client: from its first frame on; `Infinity`: never. */
  readonly cutAfterMs: readonly number[];
}

// Clients that send more than anybody may, in a process of their own.
const STEP_MS = 5;
const PATIENCE_MS = 10_000;

async function enter(url: string): Promise<FrameClient> {
  const response = await fetch(`${url.replace("ws:", "http:")}/matchmake/joinOrCreate/open`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "attacked" }),
  });
  const { processId, roomId, sessionId } = (await response.json()) as Record<string, string>;
  const target = `${url}/${processId}/${roomId}?sessionId=${sessionId}`;
  return await new FrameClient(target, { decodes: false }).joined();
}

async function flood({ url, clients, perSecond }: FloodOptions): Promise<FloodReport> {
  const flooders: FrameClient[] = [];
  // oxlint-disable-next-line no-await-in-loop -- the flood begins when all are there
  for (let at = 0; at < clients; at += 1) flooders.push(await enter(url));
  const frame = messageFrame("stock", "x");
  const startedAt = performance.now();
  const cutAfterMs = flooders.map(() => Infinity);
  for (const [at, { socket }] of flooders.entries()) {
    socket.once("close", () => (cutAfterMs[at] = performance.now() - startedAt));
  }
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) * perSecond) / 1_000;
    for (; sent < due; sent += 1) for (const flooder of flooders) flooder.send(frame);
  }, STEP_MS);
  const areAllCut = (): boolean => cutAfterMs.every(Number.isFinite);
  await waitUntil(areAllCut, { timeoutMs: PATIENCE_MS }).catch(() => undefined);
  clearInterval(timer);
  for (const flooder of flooders) flooder.drop();
  return { cutAfterMs };
}

answerParent({ flood });
