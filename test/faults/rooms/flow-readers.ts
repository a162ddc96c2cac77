import { connect } from "../../../client/connect.ts";
import type { JoinedRoom } from "../../../client/joined-room.ts";
import type { RealtimeClient } from "../../../client/realtime-client.ts";
import type { RealtimeServer } from "../../../server/realtime-server.ts";
import type { RoomOf } from "../../../shared/room-types.ts";
import { waitUntil } from "../../support/wait-until.ts";
import type { FlowingRoom, FlowReport } from "./flowing-room.ts";

type Server = RealtimeServer<{ flowing: typeof FlowingRoom }>;
type Room = JoinedRoom<RoomOf<Server, "flowing">>;

const TIMEOUT_MS = 60_000;

/** Readers of one flowing room: one behind a proxy, all others straight. */
export class FlowReaders implements Disposable {
  readonly throttled: Room;
  /** The session that it had at first. */
  readonly throttledSession: string;
  drops = 0;
  otherDrops = 0;
  readonly #others: readonly Room[];
  readonly #clients: readonly RealtimeClient<Server>[];
  #ages: number[] = [];
  #throttledAges: number[] = [];

  private constructor(
    clients: readonly RealtimeClient<Server>[],
    [throttled, ...others]: readonly Room[],
  ) {
    this.#clients = clients;
    this.throttled = throttled!;
    this.throttledSession = throttled!.sessionId;
    this.#others = others;
    this.throttled.onDrop(() => (this.drops += 1));
    this.throttled.onStateChange(({ at }) => this.#throttledAges.push(Date.now() - at));
    for (const other of others) {
      other.onDrop(() => (this.otherDrops += 1));
      other.onStateChange(({ at }) => this.#ages.push(Date.now() - at));
    }
  }

  static async open(url: string, proxyUrl: string, others: number): Promise<FlowReaders> {
    const urls = [proxyUrl, ...Array.from({ length: others }, () => url)];
    const clients = urls.map((each) => connect<Server>(each, { storage: null }));
    const rooms: Room[] = [];
    // oxlint-disable-next-line no-await-in-loop -- into one room: the first one makes it
    for (const client of clients) rooms.push(await client.join("flowing"));
    return new FlowReaders(clients, rooms);
  }

  /** From now on each tick changes so many bytes. */
  async flow(bytesPerTick: number): Promise<void> {
    await this.#others[0]!.request("flow", bytesPerTick);
  }

  async report(): Promise<FlowReport> {
    return await this.#others[0]!.request("report", null);
  }

  /** How old the others' states were whenever they changed, since the last call. */
  takeAges(): number[] {
    const ages = this.#ages;
    this.#ages = [];
    return ages;
  }

  takeThrottledAges(): number[] {
    const ages = this.#throttledAges;
    this.#throttledAges = [];
    return ages;
  }

  /** Ends the flow; resolves when the throttled reader has all of it. */
  async calm(): Promise<void> {
    await this.flow(0);
    const { state } = this.#others[0]!;
    await waitUntil(() => this.throttled.isConnected && this.throttled.state.at === state.at, {
      timeoutMs: TIMEOUT_MS,
      what: "the throttled reader to have caught up",
    });
  }

  async haveSameState(): Promise<boolean> {
    const all = [this.throttled, ...this.#others];
    const same = await Promise.all(all.map((each) => each.verifyState()));
    return same.every(Boolean);
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client.disconnect();
  }
}
