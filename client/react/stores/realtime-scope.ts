import type { Clock } from "../../../shared/clock.ts";
import type { ServerType } from "../../../shared/room-types.ts";
import { systemClock } from "../../../shared/system-clock.ts";
import { BrowserWakeSignals, type WakeSignals } from "../../connection/wake-signals.ts";
import type { RealtimeClient } from "../../realtime-client.ts";
import { PresenceStore } from "./presence-store.ts";
import { type RoomClient, RoomStore } from "./room-store.ts";
import { StoreTable } from "./store-table.ts";
import type { TopicCarrier } from "./topic-handle.ts";
import { type TopicSettings, TopicStore } from "./topic-store.ts";

/** The stores of one carrier of channels. */
class CarrierStores {
  readonly topics = new StoreTable<TopicStore>();
  readonly presence = new StoreTable<PresenceStore>();
}

/** What all components below one provider share: a client, and one store for each thing. */
export class RealtimeScope {
  readonly client: RealtimeClient<ServerType>;
  readonly clock: Clock;
  readonly #wakeSignals: WakeSignals;
  readonly #rooms = new StoreTable<RoomStore>();
  readonly #carriers = new WeakMap<TopicCarrier, CarrierStores>();

  constructor(
    client: RealtimeClient<ServerType>,
    clock: Clock = systemClock,
    wakeSignals: WakeSignals = new BrowserWakeSignals(),
  ) {
    this.client = client;
    this.clock = clock;
    this.#wakeSignals = wakeSignals;
  }

  topic(carrier: TopicCarrier, topic: string, settings: TopicSettings): TopicStore {
    const { client, clock } = this;
    return this.#storesOf(carrier).topics.get(
      JSON.stringify([topic, settings]),
      () => new TopicStore({ clock, client, carrier, topic, settings }),
    );
  }

  presence(carrier: TopicCarrier, topic: string): PresenceStore {
    const { client, clock } = this;
    return this.#storesOf(carrier).presence.get(
      topic,
      () => new PresenceStore({ clock, client, carrier, topic }),
    );
  }

  room(name: string, options: unknown): RoomStore {
    const client = this.client as unknown as RoomClient;
    const { clock } = this;
    const wakeSignals = this.#wakeSignals;
    return this.#rooms.get(
      JSON.stringify([name, options]),
      () => new RoomStore({ clock, wakeSignals, client, name, options }),
    );
  }

  #storesOf(carrier: TopicCarrier): CarrierStores {
    const known = this.#carriers.get(carrier);
    if (known !== undefined) return known;
    const stores = new CarrierStores();
    this.#carriers.set(carrier, stores);
    return stores;
  }
}
