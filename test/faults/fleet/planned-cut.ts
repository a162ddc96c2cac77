import type { SeededRandom } from "../../support/seeded-random.ts";

/** How often each way of a cut comes; a peer that falls silent takes 9 s to be found. */
const WEIGHTS = {
  now: 8,
  "before-publish": 3,
  "behind-publish": 3,
  "before-answer": 3,
  "before-news": 3,
  "half-open": 1,
} as const;
export type Cut = keyof typeof WEIGHTS;

/** Whom to cut off, and how. */
export interface PlannedCut {
  readonly client: number;
  readonly how: Cut;
}

/** The same cuts for the same seed. */
export function planCut(random: SeededRandom, clients: number): PlannedCut {
  const client = random.integer(0, clients - 1);
  const lots = Object.entries(WEIGHTS).flatMap(([how, weight]) =>
    Array.from({ length: weight }, () => how as Cut),
  );
  return { client, how: random.pick(lots) };
}
