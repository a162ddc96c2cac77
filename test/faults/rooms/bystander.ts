import { connect } from "../../../client/connect.ts";
import type { JoinedRoom } from "../../../client/joined-room.ts";
import type { RealtimeClient } from "../../../client/realtime-client.ts";
import type { RealtimeServer } from "../../../server/realtime-server.ts";
import type { RoomOf } from "../../../shared/room-types.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { brokenOf } from "../trials/trial.ts";
import type { OpenRoom } from "./open-room.ts";

type Server = RealtimeServer<{ open: typeof OpenRoom }>;

/** The channel on which the server of a trial counts. */
export const COUNTED_CHANNEL = "faults/counted";
const PING_EVERY_MS = 50;

/** Somebody who does nothing wrong, in the room and on the channel that others attack. */
export class Bystander implements Disposable {
  /** How long the room took to answer, since the last look. */
  #pings: number[] = [];
  readonly #realtime: RealtimeClient<Server>;
  #room: JoinedRoom<RoomOf<Server, "open">> | undefined;
  readonly #roomCounts: number[] = [];
  readonly #channelCounts: number[] = [];
  #drops = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(url: string) {
    this.#realtime = connect<Server>(url, { storage: null });
  }

  static async enter(url: string, name = "attacked"): Promise<Bystander> {
    const bystander = new Bystander(url);
    await bystander.#enter(name);
    return bystander;
  }

  /** How long pings took since the last call. */
  takePings(): number[] {
    const pings = this.#pings;
    this.#pings = [];
    return pings;
  }

  /** What it missed, and other promises to it that were not kept. */
  async broken(): Promise<string[]> {
    const room = this.#room!;
    await waitUntil(() => room.isConnected, { timeoutMs: 20_000 });
    const heard = this.#roomCounts.length;
    await waitUntil(() => this.#roomCounts.length > heard + 5, { timeoutMs: 20_000 });
    return brokenOf({
      "a bystander misses nothing of the room": isGapless(this.#roomCounts),
      "a bystander misses nothing of the channel": isGapless(this.#channelCounts),
      "a bystander is never cut off": this.#drops === 0,
      "a bystander's state is the server's": await room.verifyState(),
      "proves nothing: the channel was silent": this.#channelCounts.length > 5,
    });
  }

  get heard(): number {
    return this.#roomCounts.length + this.#channelCounts.length;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#realtime.disconnect();
  }

  async #enter(name: string): Promise<void> {
    const room = await this.#realtime.join("open", { name });
    this.#room = room;
    room.onMessage<number>("count", (count) => this.#roomCounts.push(count));
    room.onDrop(() => (this.#drops += 1));
    let isLive = false;
    this.#realtime
      .channel(COUNTED_CHANNEL)
      .on<number>("message", ({ data }) => this.#channelCounts.push(data))
      .subscribe((status) => (isLive ||= status === "SUBSCRIBED"));
    await waitUntil(() => isLive && this.#channelCounts.length > 0, { timeoutMs: 20_000 });
    this.#timer = setInterval(() => {
      room.ping().then(
        (ms) => this.#pings.push(ms),
        () => undefined,
      );
    }, PING_EVERY_MS);
  }
}

function isGapless(counts: readonly number[]): boolean {
  return counts.every((count, at) => at === 0 || count === counts[at - 1]! + 1);
}
