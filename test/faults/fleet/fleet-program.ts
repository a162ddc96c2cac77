import { answerParent } from "../../bench/child-program.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { ClientFleet, type FleetOptions } from "./client-fleet.ts";
import type { PlannedCut } from "./planned-cut.ts";

// A fleet in a process of its own, driven by its parent.
const TIMEOUT_MS = 60_000;
const PUBLISH_EVERY_MS = 5;

let fleet: ClientFleet;
let publishing: NodeJS.Timeout | undefined;

async function open(options: FleetOptions): Promise<void> {
  fleet = new ClientFleet(options);
  await waitUntil(() => fleet.isOpen, { timeoutMs: TIMEOUT_MS, what: "everybody is subscribed" });
}

function startPublishing(perSecond: number): void {
  const startedAt = performance.now();
  let count = 0;
  publishing = setInterval(() => {
    const due = ((performance.now() - startedAt) * perSecond) / 1_000;
    for (; count < due; count += 1) fleet.publish();
  }, PUBLISH_EVERY_MS);
}

/** Resolves when everybody is there, or will not get there any more. */
async function catchUp(ends: [topic: number, offset: number][]): Promise<void> {
  const lastOffsets = new Map(ends);
  const isThere = (): boolean => fleet.hasHeard(lastOffsets);
  await waitUntil(isThere, { timeoutMs: TIMEOUT_MS }).catch(() => undefined);
}

answerParent({
  open,
  startPublishing,
  stopPublishing: () => clearInterval(publishing),
  cut: (cut: PlannedCut) => fleet.cut(cut),
  keepAway: ({ client, durationMs }: { client: number; durationMs: number }) =>
    fleet.keepAway(client, durationMs),
  settle: () => waitUntil(() => fleet.isSettled, { timeoutMs: TIMEOUT_MS }),
  catchUp,
  history: () => fleet.history(),
  usage: () => {
    const { user, system } = process.cpuUsage();
    return { connections: fleet.connections, cpuMs: (user + system) / 1_000 };
  },
});
