import type { SeededRandom } from "../../support/seeded-random.ts";
import type { Verdict } from "../support/check-history.ts";

export interface TrialOptions {
  /** Where its faults come from. */
  readonly random: SeededRandom;
  readonly seconds: number;
}

/** What came of a trial. */
export interface TrialReport {
  /** What was done to whom. */
  readonly title: string;
  readonly verdict: Verdict;
  readonly notes: readonly string[];
  /** Why the verdict, clean or not, proves nothing; undefined when it does. */
  readonly doubt?: string | undefined;
}

export type Trial = (options: TrialOptions) => Promise<TrialReport>;
