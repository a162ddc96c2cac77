import { RoomServer } from "../rooms/room-server.ts";
import { Tallies } from "../rooms/tallies.ts";
import { TallyFleets } from "../rooms/tally-fleets.ts";
import { checkHistory } from "../support/check-history.ts";
import type { TrialOptions, TrialReport } from "./trial.ts";

const CLIENTS = 20;
const ROOMS = 2;
const PER_SECOND = 80;
const HOUR_MS = 3_600_000;
const BETWEEN_MS = { short: 700, long: 12_000 };

/** The clock is set an hour forward, back, back and forward; and once more before a kill. */
export async function tryClockJumps({ isLong }: TrialOptions): Promise<TrialReport> {
  const betweenMs = BETWEEN_MS[isLong ? "long" : "short"];
  await using server = await RoomServer.open();
  await using fleets = await TallyFleets.open({ url: server.url, clients: CLIENTS, rooms: ROOMS });
  const tallies = new Tallies(server);
  await fleets.startMarking(PER_SECOND);
  await tallies.begin();
  for (const byMs of [HOUR_MS, -HOUR_MS, -HOUR_MS, HOUR_MS, HOUR_MS]) {
    // oxlint-disable-next-line no-await-in-loop -- one jump after the other
    await server.program.ask("jump", byMs);
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
    await fleets.awaitBack();
  }
  // The next process is an hour behind this one.
  await server.kill();
  await server.start();
  await fleets.awaitBack();
  await fleets.stopMarking();
  const verdict = checkHistory(await fleets.finish());
  await tallies.add(await fleets.tally());
  const title = `${CLIENTS} clients in ${ROOMS} durable rooms, the clock set by an hour 6 times`;
  return tallies.report(title, verdict, CLIENTS);
}
