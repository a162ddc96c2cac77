import { waitUntil } from "../../support/wait-until.ts";
import { MAX_QUEUED_BYTES } from "../../../shared/limits.ts";
import { FlowReaders } from "../rooms/flow-readers.ts";
import type { Held } from "../rooms/room-server-program.ts";
import { RoomServer } from "../rooms/room-server.ts";
import { inSeconds, percentile } from "../support/durations.ts";
import { inMebibytes } from "../support/sizes.ts";
import { ThrottlingProxy } from "../support/throttling-proxy.ts";
import { brokenOf, type TrialOptions, type TrialReport } from "./trial.ts";

const OTHERS = 2;
const BASELINE_MS = { short: 2_000, long: 10_000 };
/** From when the server notices on; the long one is longer than it waits for a sign of life. */
const STALL_MS = { short: 2_000, long: 30_000 };
/** The kernel holds some megabytes before anything waits in the server. */
const NOTICE_MS = 20_000;
const BYTES_PER_TICK = 200_000;
const MAX_GROWTH_BYTES = MAX_QUEUED_BYTES + 1_048_576;

/** One reader stops to read, on a socket that stays open, while the state goes on changing. */
export async function tryStalledReader({ isLong }: TrialOptions): Promise<TrialReport> {
  const form = isLong ? "long" : "short";
  await using server = await RoomServer.open();
  await using proxy = await ThrottlingProxy.open(server.url);
  using readers = await FlowReaders.open(server.url, proxy.url, OTHERS);
  await readers.flow(BYTES_PER_TICK);
  await pass(BASELINE_MS[form]);
  const baseline = readers.takeAges();
  const before = await server.program.ask<Held>("held");

  proxy.bytesPerSecond = 0;
  const isNoticed = async (): Promise<boolean> =>
    (await readers.report()).slow.includes(readers.throttledSession);
  await waitUntil(isNoticed, { timeoutMs: NOTICE_MS }).catch(() => undefined);
  await pass(STALL_MS[form]);
  const during = readers.takeAges();
  const stalled = await server.program.ask<Held>("held");
  const { peaks, slow } = await readers.report();
  const queued = peaks[readers.throttledSession] ?? 0;

  proxy.bytesPerSecond = Infinity;
  const liftedAt = performance.now();
  await readers.calm();
  const recoveredInMs = performance.now() - liftedAt;
  const growth = stalled.bytes - before.bytes;
  return {
    title: `1 of ${OTHERS + 1} readers of 4 MB/s stalls for ${inSeconds(STALL_MS[form])}`,
    outcome: { recoveredInMs: [recoveredInMs] },
    notes: [
      `queue ${inMebibytes(queued)} at most (cap ${inMebibytes(MAX_QUEUED_BYTES)}), memory grew by ${inMebibytes(growth)}`,
      `others' state is ${percentile(during, 0.99).toFixed(0)} ms old (p99), ` +
        `${percentile(baseline, 0.99).toFixed(0)} ms before the stall; ` +
        `the stalled one was cut ${readers.drops} times`,
    ],
    broken: brokenOf({
      "the queue stays within its cap": queued <= MAX_QUEUED_BYTES,
      "memory grows by the cap and 1 MiB at most": growth <= MAX_GROWTH_BYTES,
      "every state equals the server's afterwards": await readers.haveSameState(),
      "the others are never cut": readers.otherDrops === 0,
      "proves nothing: nobody was slow": slow.includes(readers.throttledSession),
    }),
  };
}

function pass(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
