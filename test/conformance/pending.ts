import type { FeatureId } from "./features.ts";

/** A feature that is not there yet, or a half of one, and what it waits for. */
export interface PendingFeature {
  readonly id: FeatureId;
  /** Where only this half is missing: the word that its test's title goes on with. */
  readonly half?: string;
  readonly reason: string;
}

const CHANGES = "database rows as events come with change tracking";
const JOBS = "triggers and scheduled jobs come with the scheduler";
const SCALE_OUT = "NATS comes with more than one process";

/** Kept honest by `features.test.ts`: what has a test is not pending any more. */
export const PENDING: readonly PendingFeature[] = [
  { id: "A13", reason: CHANGES },
  { id: "A14", reason: CHANGES },
  { id: "A15", reason: CHANGES },
  { id: "A16", reason: CHANGES },
  { id: "B13", reason: JOBS },
  { id: "B14", reason: JOBS },
  { id: "B15", reason: JOBS },
  { id: "B16", reason: JOBS },
  { id: "B18", reason: JOBS },
  { id: "P1", half: "NATS", reason: SCALE_OUT },
  { id: "P17", half: "NATS", reason: SCALE_OUT },
];
