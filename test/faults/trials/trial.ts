import type { SeededRandom } from "../../support/seeded-random.ts";
import type { Verdict } from "../support/check-history.ts";

export interface TrialOptions {
  /** Where its faults come from. */
  readonly random: SeededRandom;
  /** Of the trials of channels. */
  readonly seconds: number;
  /** The long form; else the one that `npm test` runs too. */
  readonly isLong: boolean;
}

/** What every trial counts; undefined where it has nothing of the kind. */
export interface Outcome {
  /** Acknowledged, or shown to somebody, and gone without a word. */
  readonly lost?: number | undefined;
  /** Applied or delivered more than once. */
  readonly duplicated?: number | undefined;
  readonly reordered?: number | undefined;
  /** How long each of those who were hit was away, in milliseconds. */
  readonly recoveredInMs?: readonly number[] | undefined;
}

/** What came of a trial. */
export interface TrialReport {
  /** What was done to whom. */
  readonly title: string;
  readonly outcome: Outcome;
  readonly notes: readonly string[];
  /** Promises that were not kept, and why the trial proves nothing; empty when all is well. */
  readonly broken: readonly string[];
}

export type Trial = (options: TrialOptions) => Promise<TrialReport>;

/** Each sentence whose promise is not kept. */
export function brokenOf(promises: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(promises).flatMap(([promise, isKept]) => (isKept ? [] : promise));
}

/** The report of a trial of channels. */
export function reportOfVerdict(
  title: string,
  verdict: Verdict,
  notes: readonly string[],
  doubt: string | undefined,
): TrialReport {
  const { lost, duplicated, reordered, unflaggedGaps, flaggedGaps } = verdict;
  const { published, refused, delivered, replayed } = verdict;
  return {
    title,
    outcome: { lost, duplicated, reordered },
    notes: [
      `published ${published}, refused ${refused}, delivered ${delivered}, of these replayed ` +
        `${replayed}; gaps beyond the window: ${flaggedGaps} flagged, ${unflaggedGaps} not`,
      ...notes,
    ],
    broken: [
      ...brokenOf({
        "nothing is lost": lost === 0,
        "nothing is delivered twice": duplicated === 0,
        "nothing is out of order": reordered === 0,
        "every gap is flagged": unflaggedGaps === 0,
      }),
      ...(doubt === undefined ? [] : [`proves nothing: ${doubt}`]),
    ],
  };
}
