import type { Clock } from "../../../shared/clock.ts";
import type { ServerType } from "../../../shared/room-types.ts";
import { systemClock } from "../../../shared/system-clock.ts";
import type { RealtimeClient } from "../../realtime-client.ts";
import { LiveStore } from "./live-store.ts";
import { RealtimeScope } from "./realtime-scope.ts";

/**
 * A client that belongs to a provider: it is disconnected a moment after the provider is
 * gone. Should the provider come back later than that, there is another one.
 */
export class ClientLease {
  readonly live: LiveStore<RealtimeScope>;
  readonly #make: () => RealtimeClient<ServerType>;
  readonly #clock: Clock;
  #scope: RealtimeScope;

  constructor(make: () => RealtimeClient<ServerType>, clock: Clock = systemClock) {
    this.#make = make;
    this.#clock = clock;
    this.#scope = new RealtimeScope(make(), clock);
    this.live = new LiveStore({
      clock,
      read: () => this.#scope,
      open: () => this.#open(),
      close: () => this.#scope.client.disconnect(),
    });
  }

  #open(): void {
    if (!this.#scope.client.isDisconnected) return;
    this.#scope = new RealtimeScope(this.#make(), this.#clock);
    this.live.change();
  }
}
