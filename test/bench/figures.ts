import { cpus, loadavg } from "node:os";

/** One row of a bench: what we measured, next to the baseline of the same rounds. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly unit: string;
  /** One value of each round. */
  readonly values: readonly number[];
  readonly baselines: readonly number[];
  /** In words: "≤ 3". */
  readonly target?: string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * With `--json` one JSON object per line on standard output, and the table on standard
 * error; without it only the table, on standard output.
 */
export class BenchReport {
  readonly #isJson = process.argv.includes("--json");
  readonly #baseline: string;
  readonly #fixedJobMs: number[] = [];

  /** `baseline`: what the figures are next to. */
  constructor(baseline = "stock") {
    this.#baseline = baseline;
  }

  say(line: string): void {
    (this.#isJson ? process.stderr : process.stdout).write(`${line}\n`);
  }

  table(figures: readonly Figure[]): void {
    const rows = figures.map((figure) => [
      `${figure.bench} ${figure.figure}`,
      figure.unit,
      withSpread(figure.values),
      withSpread(figure.baselines),
      rounded(median(figure.values) / median(figure.baselines)),
      figure.target ?? "",
    ]);
    const value = "value (lowest to highest)";
    const heads = ["figure", "unit", value, this.#baseline, "ratio", "target"];
    const lines = [heads, heads.map(() => "---"), ...rows];
    const widths = heads.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
    for (const line of lines) {
      this.say(`| ${line.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`);
    }
  }

  json(figures: readonly Figure[]): void {
    if (!this.#isJson) return;
    for (const { bench, figure, unit, values, baselines } of figures) {
      const [value, baseline] = [median(values), median(baselines)];
      const line = { bench, figure, value, unit, baseline, ratio: value / baseline };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
  }

  /** What else runs here decides how much the numbers are worth. */
  machine(): void {
    const load = loadavg().map((each) => each.toFixed(2));
    const { model } = cpus()[0]!;
    this.say(`Node ${process.version}, ${cpus().length} × ${model}, load ${load.join(" ")}`);
    if (this.#fixedJobMs.length === 0) return;
    const spread = (Math.max(...this.#fixedJobMs) / Math.min(...this.#fixedJobMs) - 1) * 100;
    const fixedJobMs = median(this.#fixedJobMs).toFixed(0);
    this.say(`A fixed job took ${fixedJobMs} ms, ${spread.toFixed(0)} % apart.`);
  }

  /** Does a fixed job for one core: its spread over the rounds is the noise of the machine. */
  timeFixedJob(): void {
    const startedAt = performance.now();
    let mixed = 1;
    for (let at = 0; at < 50_000_000; at++) mixed = Math.imul(mixed ^ at, 0x01000193);
    if (mixed === 0) throw new Error("cannot be");
    this.#fixedJobMs.push(performance.now() - startedAt);
  }
}

function withSpread(values: readonly number[]): string {
  const [low, middle, high] = [Math.min(...values), median(values), Math.max(...values)];
  return low === high
    ? rounded(middle)
    : `${rounded(middle)} (${rounded(low)} to ${rounded(high)})`;
}

function rounded(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
