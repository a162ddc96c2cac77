import { Client, type Room } from "colyseus.js";
import type { Absence } from "../rooms/tally-member.ts";

interface TallyState {
  readonly marks: Map<string, number>;
}

const RETRY_MS = 1_000;

/** One player with the stock SDK: reconnects as that does, and joins anew where it gives up. */
export class StockPlayer {
  readonly acknowledged: string[] = [];
  readonly absences: Absence[] = [];
  refused = 0;
  /** Messages of the room that never came, as far as it stayed the same room. */
  missed = 0;
  readonly #client: Client;
  readonly #name: string;
  readonly #player: number;
  #room: Room<unknown, TallyState> | undefined;
  #isBack = false;
  #left = { at: 0, seat: "" };
  #sent = 0;
  #lastOrder: number | undefined;

  constructor(url: string, player: number, name: string) {
    this.#client = new Client(url);
    this.#player = player;
    this.#name = name;
  }

  get isBack(): boolean {
    return this.#isBack;
  }

  async join(): Promise<void> {
    const room: Room<unknown, TallyState> = await this.#client.joinOrCreate("tally", {
      key: this.#name,
    });
    this.#lastOrder = undefined;
    room.onMessage("marked", (order: number) => {
      this.missed += Math.max(0, order - (this.#lastOrder ?? order - 1) - 1);
      this.#lastOrder = order;
    });
    room.onDrop(() => this.#lose());
    room.onReconnect(() => this.#find());
    room.onLeave(() => void this.#rejoin());
    this.#room = room;
    this.#isBack = true;
  }

  mark(): void {
    if (this.#room === undefined) return;
    const mark = `${this.#player}-${this.#sent}`;
    this.#sent += 1;
    this.#room.request("mark", mark).then(
      () => this.acknowledged.push(mark),
      () => (this.refused += 1),
    );
  }

  /** Acknowledged marks that its state has so many times. */
  count(isCounted: (times: number) => boolean): number {
    const { marks } = this.#room!.state;
    return this.acknowledged.filter((mark) => isCounted(marks.get(mark) ?? 0)).length;
  }

  #seat(): string {
    return `${this.#room?.roomId}/${this.#room?.sessionId}`;
  }

  #lose(): void {
    if (!this.#isBack) return;
    this.#isBack = false;
    this.#left = { at: performance.now(), seat: this.#seat() };
  }

  #find(): void {
    this.#isBack = true;
    const durationMs = performance.now() - this.#left.at;
    const isSameSeat = this.#left.seat === this.#seat();
    this.absences.push({ durationMs, lostTicks: 0, isSameSeat });
  }

  async #rejoin(): Promise<void> {
    this.#lose();
    for (;;) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
        await this.join();
        this.#find();
        return;
      } catch {
        // oxlint-disable-next-line no-await-in-loop -- not before a while
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}
