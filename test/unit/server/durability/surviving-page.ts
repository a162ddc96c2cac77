import { Reflection, type Schema, StateView } from "@colyseus/schema";
import { StateDecoder } from "../../../../client/state/state-decoder.ts";
import { refIdOf } from "../../../../shared/state/schema-content.ts";
import { stateChecksum, type StateChecksum } from "../../../../shared/state/state-checksum.ts";
import { ReceivedScope, SentScope } from "../../../../shared/state/state-scope.ts";
import type { RecordedRoom } from "./recorded-room.ts";

/** A page that stays open while its room's process is killed, with a view or without. */
export class SurvivingPage<State extends Schema> {
  readonly #decoder: StateDecoder;
  #room: RecordedRoom<State>;
  #view: StateView | undefined;

  constructor(room: RecordedRoom<State>, view?: StateView) {
    this.#room = room;
    this.#view = view;
    this.#decoder = new StateDecoder(Reflection.encode(room.encoder));
    this.resync();
  }

  get view(): StateView | undefined {
    return this.#view;
  }

  get state(): Schema {
    return this.#decoder.state;
  }

  /** A full state in mid-life; everything that the page holds keeps its identity. */
  resync(): void {
    this.#decoder.applyFull(this.#room.fullState(this.#view), 0);
  }

  apply(frame: Uint8Array): void {
    this.#decoder.applyPatch(frame, 0);
  }

  /**
   * Goes on with the rebuilt room, in which the game gives it a view of the same parts of
   * `seeable` again.
   */
  moveTo(room: RecordedRoom<State>, seeable: readonly object[]): void {
    const before = this.#view;
    this.#room = room;
    if (before !== undefined) {
      this.#view = new StateView();
      for (const part of seeable) {
        const same = room.encoder.root.changeTrees[refIdOf(part)!]?.ref as Schema | undefined;
        if (before.has(part as Schema) && same !== undefined) this.#view.add(same);
      }
    }
    this.resync();
  }

  /** The room's checksum of what this page may see, and the page's own. */
  checksums(): [room: StateChecksum, page: StateChecksum] {
    const { state } = this.#room;
    const sent = new SentScope(state, this.#view);
    const room = stateChecksum(state, sent);
    const received = new ReceivedScope(this.#decoder.decoder.context, sent.limits);
    return [room, stateChecksum(this.state, received)];
  }
}
