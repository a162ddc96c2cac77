import { ChildProgram } from "./child-program.ts";
import type { Crowd, LoadReport } from "./channels/channel-load.ts";
import type { ServerKind } from "./channels/message.ts";
import { BenchReport, median, type Figure } from "./figures.ts";

// Our channels next to the rooms of socket.io 4, one after the other in each round: one
// channel that 1,000 clients hear, and 1,000 channels that one client hears each. Server and
// clients are processes of their own; the clients are bare WebSockets for both.
const ROUNDS = Number(process.argv.find((arg) => arg.startsWith("--rounds="))?.slice(9) ?? 3);
const CLIENTS = 1_000;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 5_000;
const PAUSE_MS = 300;

interface Scenario {
  readonly bench: string;
  readonly topics: number;
  /** Publications a second at which the CPU of a delivery is measured. */
  readonly perSecond: number;
  /** Publications under way while the most is measured. */
  readonly underWay: number;
}

const SCENARIOS: readonly Scenario[] = [
  { bench: "one-channel-of-1000", topics: 1, perSecond: 30, underWay: 8 },
  { bench: "1000-channels-of-one", topics: CLIENTS, perSecond: 2_000, underWay: 400 },
];
const KINDS: readonly ServerKind[] = ["atrium", "socket.io"];

interface Usage {
  readonly cpuMs: number;
  readonly at: number;
  readonly memoryMB: number;
}

interface Round {
  /** At a given rate. */
  readonly cpuPerDeliveryUs: number;
  /** As fast as it goes. */
  readonly deliveredPerSecond: number;
  readonly cpuPerDeliveryAtMostUs: number;
  readonly memoryMB: number;
  readonly serverBusy: number;
  readonly clientsBusy: number;
}

const report = new BenchReport("socket.io 4");

async function measureRound(kind: ServerKind, scenario: Scenario): Promise<Round> {
  const { topics, perSecond, underWay } = scenario;
  await using server = new ChildProgram(new URL("channels/channel-server.ts", import.meta.url), [
    kind,
  ]);
  await using clients = new ChildProgram(new URL("channels/channel-load.ts", import.meta.url));
  const port = await server.ask<number>("listen");
  const crowd: Crowd = { kind, port, clients: CLIENTS, topics };
  await clients.ask("connect", crowd);
  const measure = async (
    name: string,
    load: object,
  ): Promise<LoadReport & { cpuUs: number; serverBusy: number; memoryMB: number }> => {
    await server.ask("collectGarbage");
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const before = await server.ask<Usage>("usage");
    const loaded = await clients.ask<LoadReport>(name, load);
    const { cpuMs, at, memoryMB } = await server.ask<Usage>("usage");
    const usedMs = cpuMs - before.cpuMs;
    const cpuUs = (usedMs * 1_000) / loaded.delivered;
    return { ...loaded, cpuUs, serverBusy: usedMs / (at - before.at), memoryMB };
  };
  await measure("publishMost", { underWay, durationMs: WARM_UP_MS });
  const steady = await measure("publishSteadily", { perSecond, durationMs: MEASURE_MS });
  const most = await measure("publishMost", { underWay, durationMs: MEASURE_MS });
  return {
    cpuPerDeliveryUs: steady.cpuUs,
    deliveredPerSecond: (most.delivered / most.durationMs) * 1_000,
    cpuPerDeliveryAtMostUs: most.cpuUs,
    memoryMB: most.memoryMB,
    serverBusy: most.serverBusy,
    clientsBusy: most.busyShare,
  };
}

function figuresOf(bench: string, ours: readonly Round[], theirs: readonly Round[]): Figure[] {
  const figure = (name: string, unit: string, of: (round: Round) => number): Figure => {
    return { bench, figure: name, unit, values: ours.map(of), baselines: theirs.map(of) };
  };
  return [
    figure("deliveredPerSecond", "1/s", (round) => round.deliveredPerSecond),
    figure("cpuPerDeliveryUs", "µs", (round) => round.cpuPerDeliveryUs),
    figure("cpuPerDeliveryAtMostUs", "µs", (round) => round.cpuPerDeliveryAtMostUs),
    figure("serverMemoryMB", "MB", (round) => round.memoryMB),
  ];
}

const rounds = new Map<string, Round[]>();
report.machine();
for (let round = 0; round < ROUNDS; round += 1) {
  for (const scenario of SCENARIOS) {
    for (const kind of KINDS) {
      report.timeFixedJob();
      const key = `${scenario.bench} ${kind}`;
      rounds.set(key, [...(rounds.get(key) ?? []), await measureRound(kind, scenario)]);
    }
  }
}

const figures = SCENARIOS.flatMap(({ bench }) =>
  figuresOf(bench, rounds.get(`${bench} atrium`)!, rounds.get(`${bench} socket.io`)!),
);
report.table(figures);
report.json(figures);
report.machine();
for (const [key, all] of rounds) {
  const [server, clients] = [
    median(all.map(({ serverBusy }) => serverBusy)),
    median(all.map(({ clientsBusy }) => clientsBusy)),
  ].map((share) => (share * 100).toFixed(0));
  report.say(`${key}: at most, the server is ${server} % busy and the clients ${clients} %`);
}
