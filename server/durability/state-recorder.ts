import type { Encoder } from "@colyseus/schema";

/** Writes down what each tick does to one state, beside its encoder. */
export class StateRecorder {
  /** After `settleRebuilt`; a state that was rebuilt is known to be saved already. */
  constructor(_encoder: Encoder) {}

  /**
   * What changed since the last call; undefined: nothing that a record would say. Called
   * once a tick, before its changes are discarded.
   */
  takeChanges(): Uint8Array | undefined {
    throw new Error("not written yet");
  }

  /** The whole state now, on this thread: for when ticks could not be saved. */
  snapshot(): Uint8Array {
    throw new Error("not written yet");
  }
}
