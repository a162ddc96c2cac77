import { MAX_QUEUED_BYTES } from "../../../shared/limits.ts";
import { FlowReaders } from "../rooms/flow-readers.ts";
import type { Held } from "../rooms/room-server-program.ts";
import { RoomServer } from "../rooms/room-server.ts";
import { inSeconds, percentile } from "../support/durations.ts";
import { inMebibytes } from "../support/sizes.ts";
import { ThrottlingProxy } from "../support/throttling-proxy.ts";
import { brokenOf, type TrialOptions, type TrialReport } from "./trial.ts";

const OTHERS = 5;
const BASELINE_MS = 1_000;
/** The kernel holds some megabytes: only the long form has anything wait in the server. */
const SLOW_MS = { short: 4_000, long: 60_000 };
const BYTES_PER_TICK = 50_000;
const TICKS_PER_SECOND = 20;

/** One reader has half of the bandwidth that it would need. */
export async function trySlowReader({ isLong }: TrialOptions): Promise<TrialReport> {
  const slowMs = SLOW_MS[isLong ? "long" : "short"];
  await using server = await RoomServer.open();
  await using proxy = await ThrottlingProxy.open(server.url);
  using readers = await FlowReaders.open(server.url, proxy.url, OTHERS);
  await readers.flow(BYTES_PER_TICK);
  await pass(BASELINE_MS);
  const before = await server.program.ask<Held>("held");
  readers.takeThrottledAges();
  readers.takeAges();
  proxy.bytesPerSecond = (BYTES_PER_TICK * TICKS_PER_SECOND) / 2;
  await pass(slowMs);
  const ages = readers.takeThrottledAges();
  const otherAges = readers.takeAges();
  const growth = (await server.program.ask<Held>("held")).bytes - before.bytes;
  const { peaks, slow } = await readers.report();
  const queued = peaks[readers.throttledSession] ?? 0;

  proxy.bytesPerSecond = Infinity;
  const liftedAt = performance.now();
  await readers.calm();
  const recoveredInMs = performance.now() - liftedAt;
  return {
    title: `1 of ${OTHERS + 1} readers has half the bandwidth for ${inSeconds(slowMs)}`,
    outcome: { recoveredInMs: [recoveredInMs] },
    notes: [
      `queue ${inMebibytes(queued)} at most (cap ${inMebibytes(MAX_QUEUED_BYTES)}), ` +
        `memory grew by ${inMebibytes(growth)}`,
      `its state is ${percentile(ages, 0.5).toFixed(0)} ms old (median), ` +
        `${Math.max(...ages).toFixed(0)} ms at most; the others' ` +
        `${percentile(otherAges, 0.5).toFixed(0)} ms; it skipped to a whole state ` +
        `${slow.filter((each) => each === readers.throttledSession).length} times`,
    ],
    broken: brokenOf({
      "the slow reader is never cut": readers.drops === 0,
      "the others are never cut": readers.otherDrops === 0,
      "the queue stays within its cap": queued <= MAX_QUEUED_BYTES,
      "every state equals the server's afterwards": await readers.haveSameState(),
      "proves nothing: nobody was slow": isLong ? slow.length > 0 : ages.length > 0,
    }),
  };
}

function pass(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
