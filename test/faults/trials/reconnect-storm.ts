import { RoomServer } from "../rooms/room-server.ts";
import { Tallies } from "../rooms/tallies.ts";
import { TallyFleets } from "../rooms/tally-fleets.ts";
import { PLAYERS_PER_ROOM } from "../rooms/tally-room.ts";
import { checkHistory } from "../support/check-history.ts";
import type { TrialOptions, TrialReport } from "./trial.ts";

const CLIENTS = { short: 200, long: 2_000 };
const PER_SECOND = 100;
const BEFORE_MS = 1_000;

/** Every connection is cut in one moment, and everybody comes back. */
export async function tryReconnectStorm({ isLong }: TrialOptions): Promise<TrialReport> {
  const clients = CLIENTS[isLong ? "long" : "short"];
  const rooms = clients / PLAYERS_PER_ROOM;
  await using server = await RoomServer.open();
  await using fleets = await TallyFleets.open({
    url: server.url,
    clients,
    rooms,
    roomName: isLong ? "calm-tally" : "tally",
  });
  const tallies = new Tallies(server);
  await fleets.startMarking(PER_SECOND);
  await tallies.begin();
  await new Promise((resolve) => setTimeout(resolve, BEFORE_MS));
  await fleets.cutAll();
  await fleets.awaitBack();
  await tallies.add(await fleets.tally());
  await fleets.stopMarking();
  const verdict = checkHistory(await fleets.finish());
  await tallies.add(await fleets.tally());
  const pace = isLong ? "2 ticks a second" : "20 ticks a second";
  const title = `${clients} clients in ${rooms} durable rooms of ${pace}, all cut at once`;
  return tallies.report(title, verdict, clients);
}
