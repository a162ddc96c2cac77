import { RoomServer } from "../rooms/room-server.ts";
import { Tallies } from "../rooms/tallies.ts";
import { TallyFleets } from "../rooms/tally-fleets.ts";
import { checkHistory } from "../support/check-history.ts";
import { inSeconds } from "../support/durations.ts";
import { brokenOf, type TrialOptions, type TrialReport } from "./trial.ts";

const CLIENTS = { short: 40, long: 100 };
const ROOMS = { short: 4, long: 10 };
const PER_SECOND = { short: 80, long: 200 };
const RESTARTS = { short: 1, long: 20 };
/** The long form waits until a client counts its next loss as the first. */
const RESTART_AFTER_MS = { short: 1_000, long: 11_000 };
const MAX_EXIT_MS = 30_000;

/** Each process is asked to end, as a deploy does, while players act in its rooms. */
export async function tryRollingRestart({ isLong }: TrialOptions): Promise<TrialReport> {
  const form = isLong ? "long" : "short";
  const clients = CLIENTS[form];
  const rooms = ROOMS[form];
  await using server = await RoomServer.open();
  await using fleets = await TallyFleets.open({ url: server.url, clients, rooms });
  const tallies = new Tallies(server);
  await fleets.startMarking(PER_SECOND[form]);
  await tallies.begin();
  const codes: (number | null)[] = [];
  let slowestExitMs = 0;
  let slowestReturnMs = 0;
  for (let restart = 0; restart < RESTARTS[form]; restart += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one process after the other
    await new Promise((resolve) => setTimeout(resolve, RESTART_AFTER_MS[form]));
    const askedAt = performance.now();
    codes.push(await server.program.terminate());
    slowestExitMs = Math.max(slowestExitMs, performance.now() - askedAt);
    await server.start();
    slowestReturnMs = Math.max(slowestReturnMs, performance.now() - askedAt);
    await fleets.awaitBack();
    await tallies.add(await fleets.tally());
  }
  await fleets.stopMarking();
  const verdict = checkHistory(await fleets.finish());
  await tallies.add(await fleets.tally());
  const title = `${clients} clients in ${rooms} durable rooms, ${codes.length} times SIGTERM`;
  const report = tallies.report(title, verdict, clients * codes.length);
  return {
    ...report,
    notes: [
      ...report.notes,
      `exit code 0 after ${inSeconds(slowestExitMs)} at most, ` +
        `the next process open after ${inSeconds(slowestReturnMs)} at most`,
    ],
    broken: [
      ...report.broken,
      ...brokenOf({
        "every process exits with 0": codes.every((code) => code === 0),
        "every process exits within 30 s": slowestExitMs <= MAX_EXIT_MS,
      }),
    ],
  };
}
