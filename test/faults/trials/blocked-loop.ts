import { RoomServer } from "../rooms/room-server.ts";
import { Tallies } from "../rooms/tallies.ts";
import { TallyFleets } from "../rooms/tally-fleets.ts";
import { checkHistory } from "../support/check-history.ts";
import { inSeconds } from "../support/durations.ts";
import type { TrialOptions, TrialReport } from "./trial.ts";

const CLIENTS = 40;
const ROOMS = 4;
const PER_SECOND = 80;
/** The last one is longer than a lease. */
const BLOCKS_MS = { short: [1_500], long: [10_000, 20_000] };
const BETWEEN_MS = 1_000;

/** Nothing of the server runs for a while, and everything at once afterwards. */
export async function tryBlockedLoop({ isLong }: TrialOptions): Promise<TrialReport> {
  const blocksMs = BLOCKS_MS[isLong ? "long" : "short"];
  await using server = await RoomServer.open();
  await using fleets = await TallyFleets.open({ url: server.url, clients: CLIENTS, rooms: ROOMS });
  const tallies = new Tallies(server);
  await fleets.startMarking(PER_SECOND);
  await tallies.begin();
  let slowestJoinMs = 0;
  for (const blockMs of blocksMs) {
    // oxlint-disable-next-line no-await-in-loop -- one block after the other
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    await server.program.ask("block", blockMs);
    const goesOnAt = performance.now();
    {
      const url = server.url;
      await using newcomers = await TallyFleets.open({ url, clients: 2, rooms: 2, prefix: "new" });
      slowestJoinMs = Math.max(slowestJoinMs, performance.now() - goesOnAt);
      await newcomers.awaitBack();
    }
    await fleets.awaitBack();
  }
  await fleets.stopMarking();
  const verdict = checkHistory(await fleets.finish());
  await tallies.add(await fleets.tally());
  const shown = blocksMs.map(inSeconds).join(" and ");
  const report = tallies.report(`the loop of the server is blocked for ${shown}`, verdict, 0);
  return {
    ...report,
    notes: [...report.notes, `newcomers are in ${inSeconds(slowestJoinMs)} after it at most`],
  };
}
