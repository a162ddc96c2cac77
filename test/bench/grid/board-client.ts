import { decode, type Iterator } from "@colyseus/schema";
import { Protocol } from "@colyseus/shared-types";
import { request } from "node:http";
import { WebSocket } from "ws";
import { messageFrame } from "../../support/frame-client.ts";
import { PROTOCOL_VERSION } from "../../../shared/protocol/protocol-version.ts";
import type { BoardKind } from "./boards.ts";

interface Seat {
  sessionId: string;
  roomId: string;
  processId: string;
}

/** What a joiner gets: the schema of the state, and its first full state, a whole frame. */
export interface Joined {
  readonly reflection: Uint8Array;
  readonly frame: Uint8Array;
}

/** One client of a board: joins as a browser does that comes for the first time. */
export class BoardClient {
  readonly #socket: WebSocket;
  readonly #state: Promise<Uint8Array>;
  #reflection = new Uint8Array(0);

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#state = new Promise((resolve, reject) => {
      socket.on("message", (frame: Buffer) => {
        const code = frame[0]! & 0x1f;
        if (code === Protocol.JOIN_ROOM) this.#acknowledge(frame);
        if (code === Protocol.ROOM_STATE) resolve(frame);
      });
      socket.on("close", (closeCode) => reject(new Error(`closed with ${closeCode}`)));
      socket.on("error", reject);
    });
  }

  /** Resolves when the first full state is there, not decoded. */
  static async join(
    port: number,
    kind: BoardKind,
  ): Promise<{ client: BoardClient; joined: Joined }> {
    const { processId, roomId, sessionId } = await reserveSeat(port);
    const url = `ws://127.0.0.1:${port}/${processId}/${roomId}?sessionId=${sessionId}`;
    const subprotocols = kind === "grid" ? [`atrium.${PROTOCOL_VERSION}`] : [];
    const socket = new WebSocket(url, subprotocols, { perMessageDeflate: false });
    const client = new BoardClient(socket);
    const frame = await client.#state;
    return { client, joined: { reflection: client.#reflection, frame } };
  }

  place(index: number, value: number): void {
    this.#socket.send(messageFrame("place", [index, value]));
  }

  leave(): void {
    this.#socket.send(Uint8Array.of(Protocol.LEAVE_ROOM));
  }

  #acknowledge(frame: Uint8Array): void {
    const it: Iterator = { offset: 1 };
    decode.utf8Read(frame, it, frame[it.offset++]!);
    decode.utf8Read(frame, it, frame[it.offset++]!);
    const length = decode.number(frame, it);
    this.#reflection = frame.slice(it.offset, it.offset + length);
    this.#socket.send(Uint8Array.of(Protocol.JOIN_ROOM));
  }
}

/** Asks the matchmaker over a connection of its own: joiners do not share one. */
function reserveSeat(port: number): Promise<Seat> {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const path = "/matchmake/joinOrCreate/board";
  return new Promise((resolve, reject) => {
    const asking = request({ port, path, method: "POST", headers, agent: false }, (response) => {
      let body = "";
      response.on("data", (part) => (body += part));
      response.on("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(body) as Seat);
        else reject(new Error(`no seat: ${response.statusCode} ${body}`));
      });
    });
    asking.on("error", reject);
    asking.end("{}");
  });
}
