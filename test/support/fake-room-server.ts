import type { Schema } from "@colyseus/schema";
import type { WebSocketFactory } from "../../client/connection/websocket-like.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { RECONNECT_SUBPROTOCOL_PREFIX } from "../../shared/protocol/protocol-version.ts";
import { FakeChannels } from "./fake-channels.ts";
import { FakeRoom, type FakeSeat } from "./fake-room.ts";
import { SocketPair } from "./socket-pair.ts";

/** A matchmaking request as the fake server got it. */
export interface AskedSeat {
  readonly method: string;
  readonly target: string;
  readonly body: Record<string, unknown>;
  readonly token: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * A server in memory: matchmaking as a `fetch`, rooms behind a `webSocket`. It does what the
 * protocol says until a test tells it otherwise, most often with `refuse`, `drop`, `restart`.
 */
export class FakeRoomServer {
  readonly asked: AskedSeat[] = [];
  /** Every socket that was opened, with its address and what it offered. */
  readonly sockets: { url: string; protocols: string[]; pair: SocketPair }[] = [];
  /** What a token-less request makes; undefined: this server has no guests. */
  issuedToken: string | undefined = "guest-token-1";
  /** Answers in place of the server; undefined lets it do its own. */
  intercept: ((asked: AskedSeat) => Answer | Promise<Answer> | undefined) | undefined;
  /** Sockets stay silent after opening. */
  isSilent = false;
  /** Carried by every room. */
  readonly channels = new FakeChannels();
  room: FakeRoom;
  readonly #makeState: () => Schema;
  #rooms = 0;
  #seats = 0;

  constructor(makeState: () => Schema) {
    this.#makeState = makeState;
    this.room = this.#makeRoom();
  }

  get lastSocket(): { url: string; protocols: string[]; pair: SocketPair } {
    return this.sockets.at(-1)!;
  }

  get lastSeat(): FakeSeat {
    return [...this.room.seats.values()].at(-1)!;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const [, method = "", target = ""] = /matchmake\/(\w+)\/(.+)$/.exec(input as string) ?? [];
    const token = new Headers(init?.headers).get("Authorization")?.replace("Bearer ", "");
    const asked = { method, target, token, body: JSON.parse(init?.body as string) };
    this.asked.push(asked);
    const answer = await abortable(init?.signal, this.intercept?.(asked) ?? this.#answer(asked));
    const { status, body } = answer;
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  };

  readonly webSocket: WebSocketFactory = (url, protocols) => {
    const pair = new SocketPair();
    this.sockets.push({ url, protocols, pair });
    queueMicrotask(() => this.#open(url, protocols, pair));
    return pair.client;
  };

  /** Every connection ends without a word from the server; the seats are held. */
  drop(code: number = CloseCode.ABNORMAL): void {
    for (const seat of this.room.seats.values()) {
      seat.isJoined = false;
      seat.pair?.server.close(code, "");
    }
  }

  /** A new process: the room and its seats are gone, a new instance takes its place. */
  restart(code: number = CloseCode.SERVER_SHUTDOWN): void {
    this.drop(code);
    const { hasState } = this.room;
    this.room = this.#makeRoom();
    this.room.hasState = hasState;
    this.channels.restart();
  }

  /** The held seats are given up, as after their time. */
  forgetSeats(): void {
    this.room.seats.clear();
  }

  #makeRoom(): FakeRoom {
    this.#rooms += 1;
    const room = new FakeRoom(`room-${this.#rooms}`, this.#makeState());
    room.channels = this.channels;
    return room;
  }

  #answer({ method, target, body, token }: AskedSeat): Answer {
    const user = { id: "guest-1", name: "Guest" };
    if (method === "reconnect") {
      const seats = [...this.room.seats.values()];
      const seat = seats.find((each) => each.token === body["reconnectionToken"]);
      const isHeld = target === this.room.roomId && seat !== undefined;
      return isHeld ? ok(this.room, seat, { user }) : refusal(410, "session-expired");
    }
    this.#seats += 1;
    const sessionId = `session-${this.#seats}`;
    const seat = { sessionId, token: `token-${this.#seats}`, pair: undefined, isJoined: false };
    this.room.seats.set(sessionId, seat);
    const isNewGuest = token === undefined && this.issuedToken !== undefined;
    return ok(this.room, seat, isNewGuest ? { user, token: this.issuedToken } : { user });
  }

  #open(url: string, protocols: string[], pair: SocketPair): void {
    pair.open();
    if (this.isSilent || pair.client.readyState !== 1) return;
    const seat = this.room.seats.get(new URL(url).searchParams.get("sessionId")!);
    const offered = protocols.find((each) => each.startsWith(RECONNECT_SUBPROTOCOL_PREFIX));
    const token = offered?.slice(RECONNECT_SUBPROTOCOL_PREFIX.length);
    if (seat === undefined || (token !== undefined && token !== seat.token)) {
      pair.server.close(CloseCode.WITH_ERROR, "seat reservation expired");
      return;
    }
    this.room.connect(seat, pair);
  }
}

export function refusal(status: number, code: string, more: object = {}): Answer {
  const message = `refused: ${code}`;
  return { status, body: { code, error: message, sync: { code, message, ...more } } };
}

function ok(room: FakeRoom, seat: FakeSeat, identity: object): Answer {
  const { sessionId } = seat;
  const body = { name: "fake", sessionId, roomId: room.roomId, processId: "process-1", identity };
  return { status: 200, body };
}

/** Rejects like the platform's fetch when the signal fires first. */
function abortable(
  signal: AbortSignal | null | undefined,
  answer: Answer | Promise<Answer>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    Promise.resolve(answer).then(resolve, reject);
  });
}
