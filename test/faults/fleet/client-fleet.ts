import { WebSocket } from "ws";
import { systemClock } from "../../../shared/system-clock.ts";
import type { Clock } from "../../../shared/clock.ts";
import type { Dialer } from "../support/faulty-network.ts";
import type { History } from "../support/history.ts";
import { FleetMember, type FleetParts, type MemberOptions } from "./fleet-member.ts";
import type { PlannedCut } from "./planned-cut.ts";

export interface FleetOptions extends MemberOptions {
  /** Number of the first client: every fleet has clients of its own. */
  readonly firstClient: number;
  readonly clients: number;
}

/** Clients that publish and listen while their connections are cut, and write down everything. */
export class ClientFleet {
  readonly #firstClient: number;
  readonly #members: FleetMember[];
  readonly #clock: Clock;
  #due = 0;

  constructor(options: FleetOptions, parts: FleetParts = platformParts()) {
    this.#firstClient = options.firstClient;
    this.#clock = parts.clock;
    this.#members = Array.from({ length: options.clients }, (_, at) => {
      return new FleetMember(options.firstClient + at, options, parts);
    });
  }

  /** Whether everybody has been subscribed to everything. */
  get isOpen(): boolean {
    return this.#members.every(({ isOpen }) => isOpen);
  }

  /** Whether everything that was published is answered. */
  get isSettled(): boolean {
    return this.#members.every(({ isSettled }) => isSettled);
  }

  /** How often a connection was tried. */
  get connections(): number {
    return this.#members.reduce((total, { network }) => total + network.links.length, 0);
  }

  /** Whether everybody has heard the topics to these ends. */
  hasHeard(lastOffsets: ReadonlyMap<number, number>): boolean {
    return this.#members.every((each) => each.hasHeard(lastOffsets));
  }

  /** One message of the client whose turn it is, whatever became of those before. */
  publish(): void {
    this.#members[this.#due % this.#members.length]!.publish();
    this.#due += 1;
  }

  cut({ client, how }: PlannedCut): void {
    this.#memberOf(client).cut(how);
  }

  /** The client shows something new of itself on each of its topics. */
  track(client: number): void {
    this.#memberOf(client).track();
  }

  /** Who sees something else of whom than what they show; nobody, once the network is calm. */
  presenceFaults(): string[] {
    return this.#members.flatMap((observer) => observer.presenceFaults(this.#members));
  }

  /** Keeps a client from the server for so long. */
  keepAway(client: number, durationMs: number): void {
    const { network } = this.#memberOf(client);
    network.goDown();
    this.#clock.schedule(durationMs, () => network.comeBack());
  }

  history(): History {
    return {
      published: this.#members.flatMap(({ published }) => published),
      subscriptions: this.#members.flatMap(({ subscriptions }) => subscriptions),
    };
  }

  close(): void {
    for (const { realtime, network } of this.#members) {
      realtime.disconnect();
      network.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #memberOf(client: number): FleetMember {
    return this.#members[client - this.#firstClient]!;
  }
}

function platformParts(): FleetParts {
  const dialer: Dialer = {
    fetch: (input, init) => fetch(input, init),
    webSocket: (url, protocols) => new WebSocket(url, protocols),
  };
  return { clock: systemClock, dialer };
}
