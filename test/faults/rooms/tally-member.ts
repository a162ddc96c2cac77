import { connect } from "../../../client/connect.ts";
import type { JoinedRoom } from "../../../client/joined-room.ts";
import type { RealtimeClient } from "../../../client/realtime-client.ts";
import type { RealtimeServer } from "../../../server/realtime-server.ts";
import type { RoomOf } from "../../../shared/room-types.ts";
import { SyncError } from "../../../shared/errors.ts";
import { FaultyNetwork, type Dialer } from "../support/faulty-network.ts";
import type { HeardTopic, PublishedMessage } from "../support/history.ts";
import { cellOf, MARKS_PER_PLAYER, type Marked, type tallyRooms } from "./tally-room.ts";

type Server = RealtimeServer<typeof tallyRooms>;

export interface TallyMemberOptions {
  readonly url: string;
  readonly client: number;
  readonly prefix: string;
  readonly roomName: keyof typeof tallyRooms;
  /** Number of its room. */
  readonly room: number;
}

/** One loss of a connection. */
export interface Absence {
  readonly durationMs: number;
  /** Ticks that it had seen and that are not there any more. */
  readonly lostTicks: number;
  /** Whether it has its session of before, in the room of before. */
  readonly isSameSeat: boolean;
}

/** What the member's own state says of the marks that it made. */
export interface Tallied {
  /** Told yes, and not in the state. */
  readonly lost: number;
  /** More than once in the state. */
  readonly duplicated: number;
  readonly reordered: number;
  /** Told yes when the state of that moment did not hold it. */
  readonly overtaken: number;
}

/** One player of a tally: makes mark after mark, and writes down what it was told. */
export class TallyMember {
  readonly network: FaultyNetwork;
  readonly published: PublishedMessage[] = [];
  readonly heard: HeardTopic;
  readonly absences: Absence[] = [];
  /** How often it was told yes, and no. */
  acknowledged = 0;
  refused = 0;
  readonly #roomName: keyof typeof tallyRooms;
  readonly #name: string;
  readonly #realtime: RealtimeClient<Server>;
  #room: JoinedRoom<RoomOf<Server, "tally">> | undefined;
  #unanswered = 0;
  #overtaken = 0;

  constructor({ url, client, roomName, prefix, room }: TallyMemberOptions, dialer: Dialer) {
    this.#roomName = roomName;
    this.#name = `${prefix}-${room}`;
    this.network = new FaultyNetwork(dialer);
    this.heard = { client, topic: room, heard: [] };
    this.#realtime = connect<Server>(url, { storage: null, ...this.network.options });
  }

  async join(): Promise<void> {
    const room = await this.#realtime.join(this.#roomName, { name: this.#name });
    const { heard } = this.heard;
    room.onMessage<Marked>("marked", ({ order, slot, mark }) => heard.push([order, slot, mark]));
    room.onRecovery(({ recovered, replayed }) => {
      heard.push(recovered ? ["recovered", replayed] : ["resync"]);
    });
    this.#room = room;
    this.#watch(room);
  }

  get isBack(): boolean {
    return this.#room?.isConnected === true;
  }

  get ticks(): number {
    return this.#room?.state.ticks ?? 0;
  }

  get isSettled(): boolean {
    return this.#unanswered === 0;
  }

  /** Whether it has heard what everybody was told yes to. */
  hasHeard(ends: ReadonlyMap<number, number>): boolean {
    const { heard, topic } = this.heard;
    const last = heard.findLast(([order]) => typeof order === "number")?.[0] ?? 0;
    return (last as number) >= (ends.get(topic) ?? 0);
  }

  /** The next mark; a player who has none left does nothing. */
  mark(): void {
    const seq = this.published.length;
    if (seq >= MARKS_PER_PLAYER || this.#room === undefined) return;
    const { slot } = this.#room.state.players.get(this.#room.user.id)!;
    const message: PublishedMessage = { topic: this.heard.topic, from: slot, seq };
    this.published.push(message);
    this.#unanswered += 1;
    void this.#mark(this.#room, message);
  }

  async #mark(room: JoinedRoom<RoomOf<Server, "tally">>, message: PublishedMessage): Promise<void> {
    try {
      message.offset = await room.request("mark", message.seq);
      this.acknowledged += 1;
      if (this.#timesMade(message) === 0) this.#overtaken += 1;
    } catch (error) {
      message.code = error instanceof SyncError ? error.code : String(error);
      this.refused += 1;
    }
    this.#unanswered -= 1;
  }

  tally(): Tallied {
    const { state, user } = this.#room!;
    const { late = 0 } = state.players.get(user.id) ?? {};
    const isGone = (message: PublishedMessage): boolean =>
      message.offset !== undefined && this.#timesMade(message) === 0;
    return {
      lost: this.published.filter(isGone).length,
      duplicated: this.published.filter((each) => this.#timesMade(each) > 1).length,
      reordered: late,
      overtaken: this.#overtaken,
    };
  }

  /** Whether its state is the server's. */
  async hasSameState(): Promise<boolean> {
    return await this.#room!.verifyState();
  }

  close(): void {
    this.#realtime.disconnect();
    this.network.close();
  }

  #timesMade({ from, seq }: PublishedMessage): number {
    return this.#room!.state.marks.get(...cellOf(from, seq));
  }

  #watch(room: JoinedRoom<RoomOf<Server, "tally">>): void {
    const seatOf = (): string => `${room.roomId}/${room.sessionId}`;
    let left = { at: 0, ticks: 0, seat: "" };
    room.onDrop(() => {
      left = { at: performance.now(), ticks: room.state.ticks, seat: seatOf() };
    });
    room.onRejoin(() => {
      this.absences.push({
        durationMs: performance.now() - left.at,
        lostTicks: Math.max(0, left.ticks - room.state.ticks),
        isSameSeat: left.seat === seatOf(),
      });
    });
  }
}
