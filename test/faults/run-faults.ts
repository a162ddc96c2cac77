import { cpus, loadavg } from "node:os";
import { SeededRandom } from "../support/seeded-random.ts";
import { isClean } from "./support/check-history.ts";
import { formatVerdict } from "./support/verdict-table.ts";
import { tryKilledServer } from "./trials/killed-server.ts";
import { tryRandomCuts } from "./trials/random-cuts.ts";
import type { Trial } from "./trials/trial.ts";

// `npm run test:faults [-- name … --seed=N --seconds=N]`: trials in which everybody writes
// down what was published and heard, and one checker reads it. Ends with 1 unless nothing was
// lost, doubled or out of order, and every gap was flagged.
const TRIALS: Readonly<Record<string, Trial>> = {
  "random-cuts": tryRandomCuts,
  "killed-server": tryKilledServer,
};
const DEFAULT_SECONDS = 30;

const names = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const seed = Number(option("seed") ?? Math.floor(Math.random() * 2 ** 32));
const seconds = Number(option("seconds") ?? DEFAULT_SECONDS);

function option(name: string): string | undefined {
  return process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function sayMachine(): void {
  const load = loadavg().map((each) => each.toFixed(2));
  say(`Node ${process.version}, ${cpus().length} cores, load ${load.join(" ")}, seed ${seed}`);
}

for (const [name, run] of Object.entries(TRIALS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  sayMachine();
  const { title, verdict, notes, doubt } = await run({ random: new SeededRandom(seed), seconds });
  say(`${name}: ${title}`);
  say(formatVerdict(verdict));
  for (const note of notes) say(note);
  if (isClean(verdict) && doubt === undefined) continue;
  say(`FAILED${doubt === undefined ? "" : `: ${doubt}`}; replay with ${name} --seed=${seed}`);
  process.exitCode = 1;
}
