import { schema, type SchemaType, t } from "@colyseus/schema";
import { connect, type ConnectOptions } from "../../client/connect.ts";
import type { WakeSignals } from "../../client/connection/wake-signals.ts";
import type { JoinedRoom } from "../../client/joined-room.ts";
import type { RealtimeClient } from "../../client/realtime-client.ts";
import { Emitter } from "../../shared/emitter.ts";
import type { IntentType } from "../../shared/room-types.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeRoomServer } from "./fake-room-server.ts";
import { SeededRandom } from "./seeded-random.ts";

export const Player = schema({ x: t.number(), title: t.string().optional() }, "FakePlayer");
export const FakeState = schema(
  {
    count: t.number(),
    note: t.string().optional(),
    players: t.map(Player),
    log: t.array("string"),
  },
  "FakeState",
);
export type FakeState = SchemaType<typeof FakeState>;

/** The fake server as `connect<…>` wants it. */
export interface FakeServerType {
  "~rooms": { fake: new () => FakeRoomType };
}

export interface FakeRoomType {
  "~state": FakeState;
  messages: {
    add: IntentType<{ by: number }, number>;
    reset: IntentType<undefined, void>;
  };
}

/** Wakes whoever listens when the test says so. */
export class FakeWakeSignals implements WakeSignals {
  readonly #wakes = new Emitter<[]>();

  get listeners(): number {
    return this.#wakes.size;
  }

  onWake(wake: () => void): () => void {
    return this.#wakes.on(wake);
  }

  wake(): void {
    this.#wakes.emit();
  }
}

/** A client of a server in memory, on a clock that the test moves. */
export class FakeClient {
  readonly clock = new FakeClock();
  readonly wakeSignals = new FakeWakeSignals();
  readonly server = new FakeRoomServer(() => new FakeState().assign({ count: 0 }));
  readonly realtime: RealtimeClient<FakeServerType>;

  constructor(options: ConnectOptions = {}) {
    this.realtime = connect<FakeServerType>("ws://game.test:2567", {
      clock: this.clock,
      random: new SeededRandom(1).next,
      wakeSignals: this.wakeSignals,
      fetch: this.server.fetch,
      webSocket: this.server.webSocket,
      storage: null,
      ...options,
    });
  }

  get state(): FakeState {
    return this.server.room.state as FakeState;
  }

  /** Lets everything that is on its way arrive; time stands still. */
  settle(): Promise<void> {
    return this.clock.advance(0);
  }

  /** A joined room whose frames flow: the turn in which `join` resolved is over. */
  async join(): Promise<JoinedRoom<FakeRoomType>> {
    const room = await this.startJoin();
    await this.settle();
    return room;
  }

  startJoin(): Promise<JoinedRoom<FakeRoomType>> {
    return this.realtime.join("fake");
  }
}
