/** The duration that `share` of all are not above; 0 of none. */
export function percentile(durations: readonly number[], share: number): number {
  const sorted = durations.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Which share of them is not above `limitMs`; 1 of none. */
export function shareWithin(durations: readonly number[], limitMs: number): number {
  if (durations.length === 0) return 1;
  return durations.filter((each) => each <= limitMs).length / durations.length;
}

export function inSeconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`;
}
