import { Encoder, type Schema, type StateView } from "@colyseus/schema";
import { compactState } from "../../../../server/durability/state/compact-state.ts";
import { rebuildState, settleRebuilt } from "../../../../server/durability/state/rebuild-state.ts";
import type { SavedRecords } from "../../../../server/durability/state/saved-records.ts";
import { StateRecorder } from "../../../../server/durability/state/state-recorder.ts";

/** What these tests encode at most: the package warns when it has to grow its own buffer. */
const BUFFER_BYTES = 1 << 20;

/** A state with its encoder and recorder, and everything that was saved of it. */
export class RecordedRoom<State extends Schema> {
  readonly encoder: Encoder<State>;
  readonly recorder: StateRecorder;
  snapshot: Uint8Array | undefined;
  changes: Uint8Array[];

  constructor(state: State, saved: SavedRecords = { changes: [] }) {
    this.encoder = new Encoder(state);
    this.encoder.sharedBuffer = new Uint8Array(BUFFER_BYTES);
    settleRebuilt(this.encoder);
    this.recorder = new StateRecorder(this.encoder);
    this.snapshot = saved.snapshot;
    this.changes = [...saved.changes];
  }

  get state(): State {
    return this.encoder.state;
  }

  get saved(): SavedRecords {
    return { snapshot: this.snapshot, changes: this.changes };
  }

  /**
   * One tick; returns the frame of each view, and of those without one for undefined. For
   * nobody no patch is encoded.
   */
  tick<View extends StateView | undefined>(views: readonly View[] = []): Map<View, Uint8Array> {
    const it = { offset: 0 };
    const shared = views.length > 0 ? this.encoder.encode(it).slice() : new Uint8Array(0);
    this.save();
    const sharedLength = it.offset;
    const frames = views.map((view): [View, Uint8Array] => [
      view,
      view ? this.encoder.encodeView(view, sharedLength, it) : shared,
    ]);
    this.encoder.discardChanges();
    return new Map(frames);
  }

  /** What somebody who joins between two ticks gets. */
  fullState(view: StateView | undefined): Uint8Array {
    const it = { offset: 0 };
    const shared = this.encoder.encodeAll(it);
    if (view === undefined) return shared.slice();
    const frame = this.encoder.encodeAllView(view, it.offset, { ...it });
    view.changes.clear();
    return frame;
  }

  /** Records the open tick, and returns the record. */
  save(): Uint8Array | undefined {
    const record = this.recorder.takeChanges();
    if (record !== undefined) this.changes.push(record);
    return record;
  }

  compact(): void {
    this.snapshot = compactState(this.snapshot, this.changes);
    this.changes = [];
  }

  /** The room as it comes back in another process. */
  restart(): RecordedRoom<State> {
    const stateClass = this.state.constructor as new () => State;
    return new RecordedRoom(rebuildState(stateClass, this.saved), this.saved);
  }
}
