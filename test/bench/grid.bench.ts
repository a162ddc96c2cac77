import { ChildProgram } from "./child-program.ts";
import { BenchReport, median, type Figure } from "./figures.ts";
import type { Joined } from "./grid/board-client.ts";
import type { BoardKind } from "./grid/boards.ts";
import type { DecodingReport } from "./grid/decode-board.ts";
import type { EncodingReport } from "./grid/encode-board.ts";
import type { JoinReport } from "./grid/join-load.ts";
import { PICTURES, type PictureName } from "./grid/pictures.ts";

// A board of 2000×2000 cells in 32 colours, as `grid()` and as a stock ArraySchema, one
// after the other in each round, everything in processes of its own.
const ROUNDS = Number(process.argv.find((arg) => arg.startsWith("--rounds="))?.slice(9) ?? 3);

/** Stock cannot serve 50 joiners a second: it gets as many as it can. */
const JOINS_PER_SECOND: Record<BoardKind, number> = { grid: 50, array: 1.5 };
const WARM_UP_MS = 3_000;
const QUIET_MS = 4_000;
const JOINING_MS = 10_000;

interface Usage {
  mainThreadMs: number;
  processMs: number;
  at: number;
}

interface JoinFigures extends JoinReport {
  mainThreadMs: number;
  processMs: number;
  busyShare: number;
  /** What the last of the joiners got. */
  last: Joined;
}

type Round = Omit<JoinFigures, "last"> & EncodingReport & DecodingReport;

const report = new BenchReport();

/** Joins while cells change, less what the changes cost without joins, before and after. */
async function measureJoins(kind: BoardKind, picture: PictureName): Promise<JoinFigures> {
  await using server = child("board-server", kind, picture);
  await using clients = child("join-load");
  const port = await server.ask<number>("listen");
  await clients.ask("paint", { port, kind });
  const perSecond = JOINS_PER_SECOND[kind];
  await clients.ask("joinFor", { perSecond, durationMs: WARM_UP_MS });

  const marks = [await server.ask<Usage>("usage")];
  const mark = async (): Promise<void> => void marks.push(await server.ask<Usage>("usage"));
  await clients.ask("pause", QUIET_MS);
  await mark();
  const joined = await clients.ask<JoinReport>("joinFor", { perSecond, durationMs: JOINING_MS });
  await mark();
  await clients.ask("pause", QUIET_MS);
  await mark();

  const [first, second, third, last] = marks as [Usage, Usage, Usage, Usage];
  const perJoin = (key: "mainThreadMs" | "processMs"): number => {
    const quietMs = second[key] - first[key] + last[key] - third[key];
    const quietShare = quietMs / (second.at - first.at + last.at - third.at);
    return (third[key] - second[key] - quietShare * (third.at - second.at)) / joined.joins;
  };
  return {
    ...joined,
    mainThreadMs: perJoin("mainThreadMs"),
    processMs: perJoin("processMs"),
    busyShare: (third.mainThreadMs - second.mainThreadMs) / (third.at - second.at),
    last: await clients.ask<Joined>("lastJoin"),
  };
}

async function measureRound(kind: BoardKind, picture: PictureName): Promise<Round> {
  const { last, ...joins } = await measureJoins(kind, picture);
  await using decoding = child("decode-board");
  const decoded = await decoding.ask<DecodingReport>("decodeJoin", last);
  await using encoding = child("encode-board", kind, picture);
  const encoded = await encoding.ask<EncodingReport>("measure");
  return { ...joins, ...decoded, ...encoded };
}

function child(program: string, ...args: string[]): ChildProgram {
  return new ChildProgram(new URL(`grid/${program}.ts`, import.meta.url), args);
}

/** What each figure is to be, and what stock took when that was set. */
const TARGETS: Record<string, { target: number; stock: number }> = {
  joinBytes: { target: 450_000, stock: 27_900_000 },
  joinMainThreadMs: { target: 3, stock: 104 },
  decodeMs: { target: 25, stock: 351 },
  serverMemoryMB: { target: 6, stock: 67 },
  tickMs1: { target: 0.05, stock: 16 },
  tickMs100: { target: 0.05, stock: 16 },
  patchBytes10000: { target: 20_000, stock: 67_000 },
  patchMs10000: { target: 1, stock: 53 },
};

const FIGURES: Record<string, { unit: string; of: (round: Round) => number }> = {
  joinBytes: { unit: "B", of: ({ bytes }) => bytes },
  joinMainThreadMs: { unit: "ms", of: ({ mainThreadMs }) => mainThreadMs },
  joinProcessMs: { unit: "ms", of: ({ processMs }) => processMs },
  joinWaitMs: { unit: "ms", of: ({ medianMs }) => medianMs },
  decodeMs: { unit: "ms", of: ({ warmMs }) => warmMs },
  decodeFirstMs: { unit: "ms", of: ({ firstMs }) => firstMs },
  serverMemoryMB: { unit: "MB", of: ({ memoryMB }) => memoryMB },
  tickMs1: { unit: "ms", of: ({ tickMs1 }) => tickMs1 },
  tickMs100: { unit: "ms", of: ({ tickMs100 }) => tickMs100 },
  patchBytes10000: { unit: "B", of: ({ patchBytes10000 }) => patchBytes10000 },
  patchMs10000: { unit: "ms", of: ({ patchMs10000 }) => patchMs10000 },
  setMs10000: { unit: "ms", of: ({ setMs10000 }) => setMs10000 },
};

function figuresOf(bench: string, ours: readonly Round[], stock: readonly Round[]): Figure[] {
  return Object.entries(FIGURES).map(([figure, { unit, of }]) => {
    const row = { bench, figure, unit, values: ours.map(of), baselines: stock.map(of) };
    const aim = TARGETS[figure];
    if (aim === undefined) return row;
    // As a ratio too: a machine that is slow today is slow for the baseline as well.
    const ratio = (aim.target / aim.stock).toPrecision(2);
    return { ...row, target: `≤ ${aim.target.toLocaleString("en")}, ratio ≤ ${ratio}` };
  });
}

const BENCH_OF_PICTURE: Record<PictureName, string> = { place: "grid", noise: "grid-noise" };
const rounds = new Map<string, Round[]>();
report.machine();
for (let round = 0; round < ROUNDS; round++) {
  for (const picture of Object.keys(PICTURES) as PictureName[]) {
    for (const kind of ["grid", "array"] as const) {
      report.timeFixedJob();
      const key = `${picture} ${kind}`;
      rounds.set(key, [...(rounds.get(key) ?? []), await measureRound(kind, picture)]);
    }
  }
}

const figures = (Object.keys(PICTURES) as PictureName[]).flatMap((picture) =>
  figuresOf(
    BENCH_OF_PICTURE[picture],
    rounds.get(`${picture} grid`)!,
    rounds.get(`${picture} array`)!,
  ),
);
report.table(figures);
report.json(figures);
report.machine();
for (const [key, all] of rounds) {
  const busy = median(all.map(({ busyShare }) => busyShare)) * 100;
  const slowest = Math.max(...all.map(({ slowestMs }) => slowestMs));
  report.say(
    `${key}: main thread ${busy.toFixed(0)} % busy, slowest join ${slowest.toFixed(0)} ms`,
  );
}
