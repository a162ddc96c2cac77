import { RoomServer } from "../rooms/room-server.ts";
import { Tallies } from "../rooms/tallies.ts";
import { TallyFleets } from "../rooms/tally-fleets.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { checkHistory } from "../support/check-history.ts";
import { brokenOf, type TrialOptions, type TrialReport } from "./trial.ts";

const CLIENTS = 20;
const ROOMS = 2;
const PER_SECOND = 80;
const PHASE_MS = { short: 1_500, long: 15_000 };
const TIMEOUT_MS = 60_000;
/** What may be said of an intent that was not saved. */
const REFUSALS: ReadonlySet<string | undefined> = new Set(["not-durable", "store-unavailable"]);

/** Every write of the store fails for a while, and then none. */
export async function tryFailingStore({ isLong }: TrialOptions): Promise<TrialReport> {
  const phaseMs = PHASE_MS[isLong ? "long" : "short"];
  await using server = await RoomServer.open();
  await using fleets = await TallyFleets.open({ url: server.url, clients: CLIENTS, rooms: ROOMS });
  const tallies = new Tallies(server);
  await fleets.startMarking(PER_SECOND);
  await tallies.begin();
  await pass(phaseMs);
  await server.program.ask("breakStore", true);
  await waitUntil(async () => (await fleets.progress()).refused > 0, { timeoutMs: TIMEOUT_MS });
  const before = await fleets.progress();
  await pass(phaseMs);
  const during = await fleets.progress();
  await server.program.ask("breakStore", false);
  const mendedAt = performance.now();
  await fleets.awaitAcknowledged();
  const recoveredInMs = performance.now() - mendedAt;
  await fleets.stopMarking();
  const beforeKill = await fleets.finish();
  // What was not saved at first is there as well, since the room saved itself whole.
  await server.kill();
  await server.start();
  await fleets.awaitBack();
  const history = await fleets.finish();
  await tallies.add(await fleets.tally());
  const title = `${CLIENTS} clients in ${ROOMS} durable rooms, whose store fails for a while`;
  const report = tallies.report(title, checkHistory(history), CLIENTS);
  const codes = new Set(beforeKill.published.flatMap(({ code }) => code ?? []));
  return {
    ...report,
    outcome: { ...report.outcome, recoveredInMs: [recoveredInMs] },
    notes: [...report.notes, `refusals: ${[...codes].join(", ")}`],
    broken: [
      ...report.broken,
      ...brokenOf({
        "rooms keep running while nothing is saved": during.ticks > before.ticks,
        "nothing is acknowledged while nothing is saved":
          during.acknowledged === before.acknowledged,
        "every refusal says why": [...codes].every((code) => REFUSALS.has(code)),
      }),
    ],
  };
}

function pass(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
