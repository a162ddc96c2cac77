import type { Clock } from "../../../shared/clock.ts";
import { Emitter, type Unsubscribe } from "../../../shared/emitter.ts";
import { SyncError } from "../../../shared/errors.ts";
import type { WakeSignals } from "../../connection/wake-signals.ts";
import { LiveStore } from "./live-store.ts";
import { PatientJoin, type SomeRoom } from "./patient-join.ts";
import { Problems } from "./problems.ts";
import { RoomArrival } from "./room-arrival.ts";
import { StateCopies } from "./state-copies.ts";
import type { VersionedState } from "./state-selection.ts";
import type { StatusSource } from "./topic-handle.ts";

/**
 * How a room stands. `joining`: not there yet; where the server cannot be reached it goes on
 * trying. `joined`: its state is there. `reconnecting`: the connection is lost and coming
 * back. `closed`: it refused us, or it ended.
 */
export type RoomStatus = "joining" | "joined" | "reconnecting" | "closed";

export interface RoomSnapshot {
  readonly room: SomeRoom | undefined;
  readonly status: RoomStatus;
  readonly error: SyncError | undefined;
}

/** What a store needs of a client. */
export interface RoomClient extends StatusSource {
  join(name: string, options?: unknown): Promise<SomeRoom>;
}

export interface RoomStoreParts {
  readonly clock: Clock;
  readonly wakeSignals: WakeSignals;
  readonly client: RoomClient;
  readonly name: string;
  readonly options: unknown;
}

export type RoomMessageListener = (payload: unknown) => void;

/** One seat in one room, for all components that look at it. */
export class RoomStore implements VersionedState {
  readonly live: LiveStore<RoomSnapshot>;
  readonly copies = new StateCopies();
  readonly #parts: RoomStoreParts;
  readonly #problems: Problems;
  readonly #stateChanged = new Emitter<[]>();
  /** The listeners of each message type, told to every room that is joined. */
  readonly #listeners = new Map<string, Emitter<[payload: unknown]>>();
  readonly #arrival: RoomArrival;
  readonly #joining: PatientJoin;
  #status: RoomStatus = "joining";
  #room: SomeRoom | undefined;
  #version = 0;
  #stopWatching: Unsubscribe = () => undefined;
  #isClosedByClient = false;

  constructor(parts: RoomStoreParts) {
    this.#parts = parts;
    this.#problems = new Problems(parts.clock, () => this.live.change());
    this.#arrival = new RoomArrival(parts.clock);
    this.#joining = new PatientJoin({
      ...parts,
      join: () => parts.client.join(parts.name, parts.options),
      joined: (room, isLatest) => this.#enter(room, isLatest),
      refused: (error, isFinal) => {
        if (isFinal) this.#end(error);
        this.#problems.failed("join", error);
      },
    });
    this.live = new LiveStore({
      clock: parts.clock,
      read: () => ({ room: this.#room, status: this.#status, error: this.#problems.latest }),
      open: () => this.#open(),
      close: () => this.#close(),
    });
  }

  get #left(): SyncError {
    return new SyncError("closed", `room "${this.#parts.name}" was left`);
  }

  get state(): unknown {
    return this.#room?.state;
  }

  get version(): number {
    return this.#version;
  }

  /** After every patch, every full state, and when there is another room or none. */
  onState(listener: () => void): Unsubscribe {
    return this.#stateChanged.on(listener);
  }

  /** Messages of that type from now on: also those that come in one breath with the state. */
  onMessage(type: string, listener: RoomMessageListener): Unsubscribe {
    const known = this.#listeners.get(type);
    const listeners = known ?? new Emitter<[payload: unknown]>();
    if (known === undefined) {
      this.#listeners.set(type, listeners);
      this.#room?.onMessage(type, (payload) => listeners.emit(payload));
    }
    return listeners.on(listener);
  }

  /** Waits for the room where it is not there yet. */
  readonly request = (name: string, payload?: unknown, options?: object): Promise<unknown> =>
    this.#problems.follow(
      "request",
      (async () => {
        const room = await this.#arrival.wait();
        return room.request(name as never, payload, options);
      })(),
    );

  readonly send = (name: string, payload?: unknown): void => {
    void this.request(name, payload);
  };

  /** Joins again after it was refused, or ended. */
  readonly retry = (): void => {
    if (this.live.isOpen && this.#status === "closed") this.#join();
  };

  #open(): void {
    this.#join();
    const { client } = this.#parts;
    this.#stopWatching = client.onStatusChange(() => {
      if (this.#isClosedByClient && !client.isDisconnected) this.#join();
    });
  }

  #join(): void {
    this.#isClosedByClient = false;
    this.#arrival.expect();
    this.#setStatus("joining");
    this.#joining.begin();
  }

  #enter(room: SomeRoom, isLatest: () => boolean): void {
    this.#room = room;
    this.#version += 1;
    for (const [type, listeners] of this.#listeners) {
      room.onMessage(type, (payload) => isLatest() && listeners.emit(payload));
    }
    room.onStateChange(() => isLatest() && this.#handleState());
    room.onDrop(() => isLatest() && this.#setStatus("reconnecting"));
    room.onRejoin(() => isLatest() && this.#handleRejoin());
    room.onError((error) => isLatest() && this.#problems.failed("room", error));
    room.onLeave(() => isLatest() && this.#end(this.#left));
    this.#problems.clear();
    this.#arrival.arrive(room);
    this.#setStatus("joined");
    this.#stateChanged.emit();
  }

  #handleRejoin(): void {
    this.#problems.went("room");
    this.#setStatus("joined");
  }

  #handleState(): void {
    this.#version += 1;
    this.#stateChanged.emit();
  }

  #end(error: unknown): void {
    this.#isClosedByClient = this.#parts.client.isDisconnected;
    this.#arrival.refuse(error);
    this.#setStatus("closed");
  }

  #close(): void {
    const room = this.#room;
    this.#joining.stop();
    this.#stopWatching();
    this.#room = undefined;
    this.#version += 1;
    this.#problems.clear();
    this.#arrival.refuse(this.#left);
    this.#setStatus("joining");
    this.live.change();
    void room?.leave();
  }

  #setStatus(status: RoomStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.live.change();
  }
}
