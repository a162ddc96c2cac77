import { Client, type Room } from "colyseus.js";
import { digestOf } from "../../support/stock-client-process.ts";
import { waitUntil } from "../../support/wait-until.ts";
import type { FlowReport } from "../rooms/flowing-room.ts";

interface FlowState {
  readonly at: number;
}
type FlowRoom = Room<unknown, FlowState>;

const TIMEOUT_MS = 20_000;

/** Readers of one stock room: one behind a proxy, all others straight. */
export class StockReaders implements Disposable {
  /** The session of the throttled one. */
  readonly throttledSession: string;
  /** How often the throttled one lost its connection. */
  drops = 0;
  readonly #throttled: FlowRoom;
  readonly #others: readonly FlowRoom[];
  #ages: number[] = [];

  private constructor([throttled, ...others]: readonly FlowRoom[]) {
    this.#throttled = throttled!;
    this.#others = others;
    this.throttledSession = throttled!.sessionId;
    this.#throttled.onDrop(() => (this.drops += 1));
    for (const other of others) {
      other.onStateChange(({ at }) => {
        if (at > 0) this.#ages.push(Date.now() - at);
      });
    }
  }

  static async open(url: string, proxyUrl: string, others: number): Promise<StockReaders> {
    const rooms: FlowRoom[] = [];
    for (const each of [proxyUrl, ...Array.from({ length: others }, () => url)]) {
      // oxlint-disable-next-line no-await-in-loop -- into one room: the first one makes it
      rooms.push(await new Client(each).joinOrCreate<FlowState>("flowing"));
    }
    return new StockReaders(rooms);
  }

  flow(bytesPerTick: number): void {
    this.#others[0]!.send("flow", bytesPerTick);
  }

  async report(): Promise<FlowReport> {
    return await this.#others[0]!.request<unknown, FlowReport>("report");
  }

  takeAges(): number[] {
    const ages = this.#ages;
    this.#ages = [];
    return ages;
  }

  /** Ends the flow; resolves with whether the throttled reader has the server's state in the end. */
  async hasSameState(): Promise<boolean> {
    this.flow(0);
    const same = async (): Promise<boolean> =>
      (await this.#others[0]!.request("digest")) === digestOf(this.#throttled.state);
    return await waitUntil(same, { timeoutMs: TIMEOUT_MS }).catch(() => false);
  }

  [Symbol.dispose](): void {
    for (const room of [this.#throttled, ...this.#others]) void room.leave(false);
  }
}
