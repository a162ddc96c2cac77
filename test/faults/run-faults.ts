import { cpus, loadavg } from "node:os";
import { SeededRandom } from "../support/seeded-random.ts";
import { silenceConsole } from "./stock/silence-console.ts";
import { STOCK_TRIALS } from "./stock/stock-trials.ts";
import { formatOutcomes } from "./support/outcome-table.ts";
import type { Trial, TrialReport } from "./trials/trial.ts";
import { TRIALS } from "./trials/trials.ts";

// `npm run test:faults [-- name … --long --stock --seed=N --seconds=N]`: trials in processes of
// their own, of which everybody writes down what happened to it. Ends with 1 unless every promise
// was kept. With `--stock` each is also done to stock Colyseus, where that has what it hits.
const DEFAULT_SECONDS = 30;

const names = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const seed = Number(option("seed") ?? Math.floor(Math.random() * 2 ** 32));
const seconds = Number(option("seconds") ?? DEFAULT_SECONDS);
const isLong = process.argv.includes("--long");
const isBesideStock = process.argv.includes("--stock");

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

const unknown = names.filter((name) => !Object.hasOwn(TRIALS, name));
if (unknown.length > 0) throw new Error(`there is no trial ${unknown.join(", ")}`);

if (isBesideStock) silenceConsole();
const reports = new Map<string, TrialReport>();

async function tryOut(name: string, run: Trial): Promise<TrialReport> {
  sayMachine();
  const report = await run({ random: new SeededRandom(seed), seconds, isLong });
  reports.set(name, report);
  say(`${name}: ${report.title}`);
  for (const note of report.notes) say(`  ${note}`);
  for (const promise of report.broken) say(`  BROKEN: ${promise}`);
  return report;
}

for (const [name, run] of Object.entries(TRIALS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  // oxlint-disable-next-line no-await-in-loop -- they would disturb each other
  const { broken } = await tryOut(name, run);
  if (broken.length > 0) {
    say(`  replay with: npm run test:faults -- ${name} --seed=${seed}${isLong ? " --long" : ""}`);
    process.exitCode = 1;
  }
  const runStock = isBesideStock ? STOCK_TRIALS[name] : undefined;
  // oxlint-disable-next-line no-await-in-loop -- they would disturb each other
  if (runStock !== undefined) await tryOut(`${name}, stock`, runStock);
}
say(formatOutcomes(reports));
