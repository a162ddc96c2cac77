import { waitUntil } from "../../support/wait-until.ts";
import { RoomServer } from "../rooms/room-server.ts";
import { TallyFleets } from "../rooms/tally-fleets.ts";
import { brokenOf, type TrialOptions, type TrialReport } from "./trial.ts";

const CLIENTS = 20;
const ROOMS = 2;
const PER_SECOND = 200;
/** So small that seconds of play fill it, and one that nobody fills. */
const FILE_BYTES = { short: 500_000, long: 10_000_000 };
const TIMEOUT_MS = { short: 30_000, long: 600_000 };
const REFUSALS: ReadonlySet<string | undefined> = new Set(["not-durable", "store-unavailable"]);

/** The disk is full while players act; the process is killed; the next one has space again. */
export async function tryFullDisk({ isLong }: TrialOptions): Promise<TrialReport> {
  const form = isLong ? "long" : "short";
  await using server = await RoomServer.open({ maxFileBytes: FILE_BYTES[form] });
  await using fleets = await TallyFleets.open({ url: server.url, clients: CLIENTS, rooms: ROOMS });
  await fleets.startMarking(PER_SECOND);
  const isFull = async (): Promise<boolean> => (await fleets.progress()).refused > PER_SECOND;
  await waitUntil(isFull, { timeoutMs: TIMEOUT_MS[form], what: "the disk is full" });
  await fleets.stopMarking();
  const { published } = await fleets.finish();
  await server.kill();
  await server.start({});
  await fleets.awaitBack();
  const after = await fleets.tally();
  await fleets.startMarking(PER_SECOND);
  await fleets.awaitAcknowledged();
  await fleets.stopMarking();
  const codes = new Set(published.flatMap(({ code }) => code ?? []));
  const acknowledged = published.filter(({ offset }) => offset !== undefined).length;
  return {
    title: `${CLIENTS} clients in ${ROOMS} durable rooms of ${FILE_BYTES[form]} bytes, full, then killed`,
    outcome: {
      lost: after.lost,
      duplicated: after.duplicated,
      reordered: after.reordered,
      recoveredInMs: after.absences.map(({ durationMs }) => durationMs),
    },
    notes: [`${acknowledged} intents acknowledged; refusals: ${[...codes].join(", ")}`],
    broken: brokenOf({
      "no acknowledged intent is lost": after.lost === 0,
      "no intent is applied twice": after.duplicated === 0,
      "no intent is applied out of order": after.reordered === 0,
      "every state equals the server's": after.differing === 0,
      "every seat is regained": after.absences.every(({ isSameSeat }) => isSameSeat),
      "every refusal says why": [...codes].every((code) => REFUSALS.has(code)),
      "proves nothing: nothing was saved": acknowledged > 0,
    }),
  };
}
