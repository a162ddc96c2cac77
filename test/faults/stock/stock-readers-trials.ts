import { MAX_QUEUED_BYTES } from "../../../shared/limits.ts";
import { waitUntil } from "../../support/wait-until.ts";
import type { Held } from "../rooms/room-server-program.ts";
import { inSeconds, percentile } from "../support/durations.ts";
import { inMebibytes } from "../support/sizes.ts";
import { ThrottlingProxy } from "../support/throttling-proxy.ts";
import { brokenOf, type TrialOptions, type TrialReport } from "../trials/trial.ts";
import { StockReaders } from "./stock-readers.ts";
import { StockServer } from "./stock-server.ts";

const BASELINE_MS = 2_000;

interface Throttle {
  readonly what: string;
  readonly others: number;
  readonly bytesPerTick: number;
  readonly bytesPerSecond: number;
  readonly durationMs: number;
  /** Bytes in the server's queue from which on the duration counts. */
  readonly fromQueued: number;
}

/** One reader of a stock room stops to read. */
export async function tryStockStalledReader(_options: TrialOptions): Promise<TrialReport> {
  const flow = { others: 2, bytesPerTick: 200_000, bytesPerSecond: 0 };
  const what = "stalls";
  return await tryThrottled({ ...flow, what, durationMs: 3_000, fromQueued: 1 });
}

/** One reader of a stock room has half the bandwidth that it would need. */
export async function tryStockSlowReader({ isLong }: TrialOptions): Promise<TrialReport> {
  const flow = { others: 5, bytesPerTick: 50_000, bytesPerSecond: 500_000 };
  const durationMs = isLong ? 60_000 : 4_000;
  return await tryThrottled({ ...flow, what: "has half the bandwidth", durationMs, fromQueued: 0 });
}

async function tryThrottled(throttle: Throttle): Promise<TrialReport> {
  const { what, others, bytesPerTick, bytesPerSecond, durationMs, fromQueued } = throttle;
  await using server = await StockServer.open();
  await using proxy = await ThrottlingProxy.open(server.url);
  using readers = await StockReaders.open(server.url, proxy.url, others);
  readers.flow(bytesPerTick);
  await pass(BASELINE_MS);
  const baseline = readers.takeAges();
  const before = await server.program.ask<Held>("held");
  const queued = async (): Promise<number> =>
    (await readers.report()).peaks[readers.throttledSession] ?? 0;
  proxy.bytesPerSecond = bytesPerSecond;
  const isQueued = async (): Promise<boolean> => (await queued()) >= fromQueued;
  await waitUntil(isQueued, { timeoutMs: 20_000 }).catch(() => undefined);
  await pass(durationMs);
  const during = readers.takeAges();
  const growth = (await server.program.ask<Held>("held")).bytes - before.bytes;
  const peak = await queued();
  proxy.bytesPerSecond = Infinity;
  const isSame = await readers.hasSameState();
  return {
    title: `stock Colyseus, 1 of ${others + 1} readers ${what} for ${inSeconds(durationMs)}`,
    outcome: {},
    notes: [
      `queue ${inMebibytes(peak)} at most, memory grew by ${inMebibytes(growth)}; cut ${readers.drops} times`,
      `others' state is ${percentile(during, 0.99).toFixed(0)} ms old (p99), ` +
        `${percentile(baseline, 0.99).toFixed(0)} ms before`,
    ],
    broken: brokenOf({
      "the queue stays within 1 MiB": peak <= MAX_QUEUED_BYTES,
      "the slow reader is never cut": bytesPerSecond === 0 || readers.drops === 0,
      "every state equals the server's afterwards": isSame,
    }),
  };
}

function pass(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
