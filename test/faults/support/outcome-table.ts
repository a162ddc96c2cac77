import type { TrialReport } from "../trials/trial.ts";
import { inSeconds, percentile } from "./durations.ts";

const HEADS = ["trial", "lost", "duplicated", "reordered", "recovered: median, all", ""];
const DASH = "–";

/** The outcomes of all trials as people read them, loss first. */
export function formatOutcomes(reports: ReadonlyMap<string, TrialReport>): string {
  const rows = [...reports].map(([name, { outcome, broken }]) => {
    const { lost, duplicated, reordered, recoveredInMs = [] } = outcome;
    const counts = [lost, duplicated, reordered].map((each) => each?.toLocaleString("en") ?? DASH);
    const times = [percentile(recoveredInMs, 0.5), Math.max(0, ...recoveredInMs)];
    const recovered = recoveredInMs.length === 0 ? DASH : times.map(inSeconds).join(", ");
    return [name, ...counts, recovered, broken.length === 0 ? "kept" : "BROKEN"];
  });
  const widths = HEADS.map((head, at) =>
    Math.max(...[head, ...rows.map((row) => row[at]!)].map(({ length }) => length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(HEADS), rule, ...rows.map(line)].join("\n");
}
