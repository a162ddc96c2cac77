import { cpus, loadavg } from "node:os";
import { ChildProgram } from "../bench/child-program.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import type { FleetOptions } from "./random-cuts/client-fleet.ts";
import { planCut } from "./random-cuts/planned-cut.ts";
import { checkHistory, isClean } from "./support/check-history.ts";
import { lastOffsets, type History, type PublishedMessage } from "./support/history.ts";
import { formatVerdict } from "./support/verdict-table.ts";

// `npm run test:faults [-- --seed=N --seconds=N]`: 200 clients on 50 topics, 1,000 messages a
// second, a random connection cut every 100 ms in one of six ways. A few clients are kept
// away for longer than their busiest topic's window. Ends with 1 unless nothing was lost,
// doubled or out of order, and every gap was flagged.
const CLIENTS = 200;
const FLEETS = 2;
const TOPICS = 50;
const TOPICS_EACH = 4;
const PER_SECOND = 1_000;
/** Of these, on the one topic whose window of 1,000 publications is 10 s long. */
const SERVER_PER_SECOND = 100;
const CUT_EVERY_MS = 100;
/** Away for longer than that window; each hears the server's topic. */
const ABSENCE_MS = 13_000;
const ABSENCES = 4;

const seed = Number(option("seed") ?? Math.floor(Math.random() * 2 ** 32));
const seconds = Number(option("seconds") ?? 30);
const random = new SeededRandom(seed);

function option(name: string): string | undefined {
  return process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const clientsEach = CLIENTS / FLEETS;
await using server = new ChildProgram(new URL("random-cuts/server-program.ts", import.meta.url));
const url = await server.ask<string>("listen");
await using disposer = new AsyncDisposableStack();
const fleets = Array.from({ length: FLEETS }, () =>
  disposer.use(new ChildProgram(new URL("random-cuts/fleet-program.ts", import.meta.url))),
);
await Promise.all(
  fleets.map((fleet, at) => {
    const shared = { url, seed, topics: TOPICS, topicsEach: TOPICS_EACH };
    const mine: FleetOptions = { ...shared, firstClient: at * clientsEach, clients: clientsEach };
    return fleet.ask("open", mine);
  }),
);
const fleetOf = (client: number): ChildProgram => fleets[Math.floor(client / clientsEach)]!;

say(
  `seed ${seed}; Node ${process.version}, ${cpus().length} cores, ` +
    `load ${loadavg()
      .map((each) => each.toFixed(2))
      .join(" ")}`,
);
const perFleet = (PER_SECOND - SERVER_PER_SECOND) / FLEETS;
await Promise.all(fleets.map((fleet) => fleet.ask("startPublishing", perFleet)));
await server.ask("startPublishing", SERVER_PER_SECOND);

// Clients 0, 50, 100 and 150 hear topic 0 first of all.
for (let at = 0; at < ABSENCES; at += 1) {
  const client = at * TOPICS;
  setTimeout(
    () => {
      void fleetOf(client).ask("keepAway", { client, durationMs: ABSENCE_MS });
    },
    1_000 + at * 500,
  );
}
const endsAt = performance.now() + seconds * 1_000;
let cuts = 0;
await new Promise<void>((resolve) => {
  const cutting = setInterval(() => {
    if (performance.now() >= endsAt) {
      clearInterval(cutting);
      resolve();
      return;
    }
    const cut = planCut(random, CLIENTS);
    cuts += 1;
    void fleetOf(cut.client).ask("cut", cut);
  }, CUT_EVERY_MS);
});

await Promise.all([
  ...fleets.map((fleet) => fleet.ask("stopPublishing")),
  server.ask("stopPublishing"),
]);
await Promise.all(fleets.map((fleet) => fleet.ask("settle")));
const histories = await Promise.all(fleets.map((fleet) => fleet.ask<History>("history")));
const published = [
  ...histories.flatMap((history) => history.published),
  ...(await server.ask<PublishedMessage[]>("published")),
];
const ends = [...lastOffsets(published)];
await Promise.all(fleets.map((fleet) => fleet.ask("catchUp", ends)));

const after = await Promise.all(fleets.map((fleet) => fleet.ask<History>("history")));
const verdict = checkHistory({
  published,
  subscriptions: after.flatMap(({ subscriptions }) => subscriptions),
});
const usages = await Promise.all(
  fleets.map((fleet) => fleet.ask<{ connections: number; cpuMs: number }>("usage")),
);
const serverUsage = await server.ask<{ cpuMs: number; memoryMB: number }>("usage");
const reconnects = usages.reduce((total, { connections }) => total + connections, -CLIENTS);
say(`${CLIENTS} clients, ${TOPICS} topics, ${seconds} s, ${cuts} cuts, ${ABSENCES} long absences`);
say(formatVerdict(verdict));
say(
  `${reconnects} connections after the first; CPU: server ${(serverUsage.cpuMs / 1_000).toFixed(1)} s ` +
    `(${serverUsage.memoryMB.toFixed(0)} MB), clients ` +
    `${(usages.reduce((total, { cpuMs }) => total + cpuMs, 0) / 1_000).toFixed(1)} s`,
);
const wasTested = verdict.flaggedGaps > 0 || seconds < 20;
if (!isClean(verdict) || !wasTested) {
  say(`FAILED: replay with --seed=${seed}`);
  process.exitCode = 1;
}
