import type { Verdict } from "./check-history.ts";

/** The verdict as people read it, loss first. */
export function formatVerdict(verdict: Verdict): string {
  const rows: [name: string, count: number][] = [
    ["lost", verdict.lost],
    ["duplicated", verdict.duplicated],
    ["reordered", verdict.reordered],
    ["gaps beyond the window, unflagged", verdict.unflaggedGaps],
    ["gaps beyond the window, flagged", verdict.flaggedGaps],
    ["published", verdict.published],
    ["refused", verdict.refused],
    ["delivered", verdict.delivered],
    ["of these replayed", verdict.replayed],
  ];
  const lines = rows.map(([name, count]) => [name, count.toLocaleString("en")] as const);
  const widths = [0, 1].map((at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines
    .map(([name, count]) => `| ${name.padEnd(widths[0]!)} | ${count.padStart(widths[1]!)} |`)
    .join("\n");
}
