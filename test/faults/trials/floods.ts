import { ChildProgram } from "../../bench/child-program.ts";
import type { FloodOptions, FloodReport } from "../rooms/flooder-program.ts";
import { Bystander } from "../rooms/bystander.ts";
import { RoomServer } from "../rooms/room-server.ts";
import { percentile } from "../support/durations.ts";
import { brokenOf, type TrialOptions, type TrialReport } from "./trial.ts";

const BASELINE_MS = 1_500;
const CROWD = { short: 20, long: 200 };
/** Ten times what one connection may send. */
const CROWD_PER_SECOND = 2_000;
const ALONE_PER_SECOND = 20_000;
const MAX_ALONE_MS = 1_000;
/** At this rate it takes 1.1 s until what may come at once is used up. */
const MAX_CROWD_MS = 3_000;

/** One client sends far too much, and then many from one address ten times what they may. */
export async function tryFloods({ isLong }: TrialOptions): Promise<TrialReport> {
  const crowd = CROWD[isLong ? "long" : "short"];
  await using server = await RoomServer.open();
  using bystander = await Bystander.enter(server.url);
  await using flooder = new ChildProgram(new URL("../rooms/flooder-program.ts", import.meta.url));
  await new Promise((resolve) => setTimeout(resolve, BASELINE_MS));
  const baseline = bystander.takePings();
  const flood = async (clients: number, perSecond: number): Promise<FloodReport> => {
    const asked: FloodOptions = { url: server.url, clients, perSecond };
    return await flooder.ask<FloodReport>("flood", asked);
  };
  const alone = await flood(1, ALONE_PER_SECOND);
  const together = await flood(crowd, CROWD_PER_SECOND);
  const during = bystander.takePings();
  const p99 = (pings: readonly number[]): string => `${percentile(pings, 0.99).toFixed(0)} ms`;
  const isCut = ({ cutAfterMs }: FloodReport, limitMs: number): boolean =>
    cutAfterMs.every((each) => each <= limitMs);
  return {
    title: `${ALONE_PER_SECOND} frames a second from one client, ${CROWD_PER_SECOND} from each of ${crowd}`,
    outcome: {},
    notes: [
      `cut after ${Math.max(...alone.cutAfterMs).toFixed(0)} ms, and the crowd after ` +
        `${Math.max(...together.cutAfterMs).toFixed(0)} ms at most`,
      `a bystander's pings took ${p99(during)} (p99), ${p99(baseline)} before`,
    ],
    broken: [
      ...(await bystander.broken()),
      ...brokenOf({
        "who floods alone is cut within a second": isCut(alone, MAX_ALONE_MS),
        "whoever of a crowd floods is cut": isCut(together, MAX_CROWD_MS),
      }),
    ],
  };
}
