import { RoomServer } from "../rooms/room-server.ts";
import { TallyFleets } from "../rooms/tally-fleets.ts";
import { Tallies } from "../rooms/tallies.ts";
import { checkHistory } from "../support/check-history.ts";
import type { TrialOptions, TrialReport } from "./trial.ts";

const CLIENTS = { short: 40, long: 100 };
const ROOMS = { short: 4, long: 10 };
const PER_SECOND = { short: 80, long: 200 };
const KILLS = { short: 2, long: 100 };
/** The long form waits until a client counts its next loss as the first. */
const KILL_AFTER_MS = { short: [700, 1_200], long: [10_500, 12_000] } as const;

/** The server is killed without a word while players act in durable rooms, and started again. */
export async function tryKilledRooms({ random, isLong }: TrialOptions): Promise<TrialReport> {
  const form = isLong ? "long" : "short";
  const clients = CLIENTS[form];
  const rooms = ROOMS[form];
  await using server = await RoomServer.open();
  await using fleets = await TallyFleets.open({ url: server.url, clients, rooms });
  const tallies = new Tallies(server);
  await fleets.startMarking(PER_SECOND[form]);
  await tallies.begin();
  for (let kill = 0; kill < KILLS[form]; kill += 1) {
    const [soonestMs, latestMs] = KILL_AFTER_MS[form];
    const delayMs = random.integer(soonestMs, latestMs);
    // oxlint-disable-next-line no-await-in-loop -- one kill after the other
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await server.kill();
    await server.start();
    await fleets.awaitBack();
    await tallies.add(await fleets.tally());
  }
  await fleets.stopMarking();
  const verdict = checkHistory(await fleets.finish());
  await tallies.add(await fleets.tally());
  const title = `${clients} clients in ${rooms} durable rooms, ${KILLS[form]} times kill -9`;
  return tallies.report(title, verdict, clients * KILLS[form]);
}
