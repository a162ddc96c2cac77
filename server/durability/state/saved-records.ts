/**
 * A state as it was recorded: the last snapshot of it, if there is one, and the records of
 * the ticks since, oldest first.
 */
export interface SavedRecords {
  readonly snapshot?: Uint8Array | undefined;
  readonly changes: readonly Uint8Array[];
}
