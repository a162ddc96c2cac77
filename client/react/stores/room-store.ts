import { backoffDelayMs } from "../../../shared/backoff.ts";
import type { CancelTimer, Clock } from "../../../shared/clock.ts";
import { Emitter, type Unsubscribe } from "../../../shared/emitter.ts";
import { SyncError, type SyncErrorCode } from "../../../shared/errors.ts";
import type { JoinedRoom } from "../../joined-room.ts";
import type { WakeSignals } from "../../connection/wake-signals.ts";
import { LiveStore } from "./live-store.ts";
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

/** A room of which nothing is known but that it is one. */
export type SomeRoom = JoinedRoom<unknown>;

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

/** Failures of a join that pass by themselves. */
const PASSING: ReadonlySet<SyncErrorCode> = new Set<SyncErrorCode>([
  "disconnected",
  "timed-out",
  "unreachable",
]);

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
  #status: RoomStatus = "joining";
  #room: SomeRoom | undefined;
  #version = 0;
  /** Counts the joins: of those before the latest one nothing counts any more. */
  #round = 0;
  #attempts = 0;
  /** While another attempt is ahead. */
  #cancelRetry: CancelTimer | undefined;
  #stopWatching: Unsubscribe = () => undefined;
  #isClosedByClient = false;

  constructor(parts: RoomStoreParts) {
    this.#parts = parts;
    this.#problems = new Problems(parts.clock, () => this.live.change());
    this.#arrival = new RoomArrival(parts.clock);
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
    const { client, wakeSignals } = this.#parts;
    const stopStatus = client.onStatusChange(() => {
      if (this.#isClosedByClient && !client.isDisconnected) this.#join();
    });
    const stopWake = wakeSignals.onWake(() => {
      if (this.#cancelRetry !== undefined) this.#tryToJoin();
    });
    this.#stopWatching = () => {
      stopStatus();
      stopWake();
    };
  }

  #join(): void {
    this.#attempts = 0;
    this.#isClosedByClient = false;
    this.#arrival.expect();
    this.#setStatus("joining");
    this.#tryToJoin();
  }

  #tryToJoin(): void {
    this.#stopRetrying();
    this.#round += 1;
    const round = this.#round;
    const { client, name, options } = this.#parts;
    client.join(name, options).then(
      (room) => this.#handleJoin(room, round),
      (error: unknown) => {
        if (round === this.#round) this.#handleRefusal(error);
      },
    );
  }

  #handleJoin(room: SomeRoom, round: number): void {
    if (round === this.#round) this.#enter(room, round);
    else void room.leave();
  }

  #enter(room: SomeRoom, round: number): void {
    const isLatest = (): boolean => round === this.#round;
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

  #handleRefusal(error: unknown): void {
    if (passes(error)) {
      const delayMs = Math.max(error.retryAfterMs ?? 0, backoffDelayMs(this.#attempts));
      this.#cancelRetry = this.#parts.clock.schedule(delayMs, () => this.#tryToJoin());
      this.#attempts += 1;
    } else {
      this.#end(error);
    }
    this.#problems.failed("join", error);
  }

  #end(error: unknown): void {
    this.#isClosedByClient = this.#parts.client.isDisconnected;
    this.#arrival.refuse(error);
    this.#setStatus("closed");
  }

  #close(): void {
    const room = this.#room;
    this.#round += 1;
    this.#stopRetrying();
    this.#stopWatching();
    this.#room = undefined;
    this.#version += 1;
    this.#problems.clear();
    this.#arrival.refuse(this.#left);
    this.#setStatus("joining");
    this.live.change();
    void room?.leave();
  }

  #stopRetrying(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  #setStatus(status: RoomStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.live.change();
  }
}

function passes(error: unknown): error is SyncError {
  if (!(error instanceof SyncError)) return false;
  return PASSING.has(error.code) || error.retryAfterMs !== undefined;
}
