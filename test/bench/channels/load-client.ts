import { Protocol } from "@colyseus/shared-types";
import { Agent, request } from "node:http";
import { WebSocket } from "ws";
import { CHANNEL_TYPE, HUB_ROOM } from "../../../shared/protocol/channel-messages.ts";
import { PROTOCOL_VERSION } from "../../../shared/protocol/protocol-version.ts";
import { requestFrame } from "../../support/frame-client.ts";
import { createMessage, EVENT, type ServerKind } from "./message.ts";

/** What a client of either server tells: everything it costs is the same bare WebSocket. */
export interface LoadEvents {
  delivered(): void;
  acknowledged(): void;
}

export interface LoadClient {
  /** Resolves when what is published on the topic arrives here. */
  subscribe(topic: string): Promise<void>;
  publish(topic: string): void;
}

export function connectClient(
  kind: ServerKind,
  port: number,
  events: LoadEvents,
): Promise<LoadClient> {
  return kind === "atrium" ? AtriumClient.open(port, events) : SocketIoClient.open(port, events);
}

const agent = new Agent({ keepAlive: true });

/** Speaks just enough of our protocol. */
class AtriumClient implements LoadClient {
  readonly #socket: WebSocket;
  readonly #prefix: string;
  #requests = 0;
  #onAnswer: () => void;

  private constructor(socket: WebSocket, prefix: string, events: LoadEvents) {
    this.#socket = socket;
    this.#prefix = prefix;
    this.#onAnswer = () => events.acknowledged();
    socket.on("message", (frame: Buffer) => {
      if (frame[0] === Protocol.ROOM_DATA) events.delivered();
      else if (frame[0] === Protocol.ROOM_RESPONSE) this.#onAnswer();
    });
  }

  static async open(port: number, events: LoadEvents): Promise<AtriumClient> {
    const { processId, roomId, sessionId } = await reserveSeat(port);
    const url = `ws://127.0.0.1:${port}/${processId}/${roomId}?sessionId=${sessionId}`;
    const socket = new WebSocket(url, [`atrium.${PROTOCOL_VERSION}`], { perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => {
      const greet = (frame: Buffer): void => {
        if (frame[0] !== Protocol.JOIN_ROOM) return;
        socket.off("message", greet);
        socket.send(Uint8Array.of(Protocol.JOIN_ROOM));
        resolve();
      };
      socket.on("message", greet).on("error", reject).on("close", reject);
    });
    return new AtriumClient(socket, sessionId, events);
  }

  subscribe(topic: string): Promise<void> {
    const onAnswer = this.#onAnswer;
    return new Promise((resolve) => {
      this.#onAnswer = () => {
        this.#onAnswer = onAnswer;
        resolve();
      };
      this.#ask("subscribe", { topic });
    });
  }

  publish(topic: string): void {
    const id = `${this.#prefix}-${this.#requests + 1}`;
    const data = JSON.stringify(createMessage(this.#requests));
    this.#ask("publish", { topic, event: EVENT, data, id });
  }

  #ask(operation: string, given: object): void {
    this.#requests += 1;
    const id = `${this.#prefix}-${this.#requests}`;
    const envelope = [PROTOCOL_VERSION, id, operation, given];
    this.#socket.send(requestFrame(this.#requests, CHANNEL_TYPE, envelope));
  }
}

/** Speaks just enough of Engine.IO 4 and Socket.IO 5. */
class SocketIoClient implements LoadClient {
  readonly #socket: WebSocket;
  #requests = 0;
  #onAnswer: () => void;

  private constructor(socket: WebSocket, events: LoadEvents) {
    this.#socket = socket;
    this.#onAnswer = () => events.acknowledged();
    socket.on("message", (frame: Buffer) => {
      const [engine, packet] = [frame[0], frame[1]];
      if (engine === PING) socket.send("3");
      if (engine !== MESSAGE) return;
      if (packet === EVENT_PACKET) events.delivered();
      else if (packet === ACK_PACKET) this.#onAnswer();
    });
  }

  static async open(port: number, events: LoadEvents): Promise<SocketIoClient> {
    const url = `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => {
      const greet = (frame: Buffer): void => {
        if (frame[0] === OPEN) socket.send("40");
        if (frame[0] !== MESSAGE) return;
        socket.off("message", greet);
        resolve();
      };
      socket.on("message", greet).on("error", reject).on("close", reject);
    });
    return new SocketIoClient(socket, events);
  }

  subscribe(topic: string): Promise<void> {
    const onAnswer = this.#onAnswer;
    return new Promise((resolve) => {
      this.#onAnswer = () => {
        this.#onAnswer = onAnswer;
        resolve();
      };
      this.#emit(["subscribe", topic]);
    });
  }

  publish(topic: string): void {
    this.#emit(["publish", { topic, event: EVENT, data: createMessage(this.#requests) }]);
  }

  #emit(packet: unknown[]): void {
    this.#requests += 1;
    this.#socket.send(`42${this.#requests}${JSON.stringify(packet)}`);
  }
}

/** First characters of frames. */
const OPEN = 0x30;
const PING = 0x32;
const MESSAGE = 0x34;
/** Second characters of messages. */
const EVENT_PACKET = 0x32;
const ACK_PACKET = 0x33;

interface Seat {
  readonly sessionId: string;
  readonly roomId: string;
  readonly processId: string;
}

function reserveSeat(port: number): Promise<Seat> {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const path = `/matchmake/joinOrCreate/${HUB_ROOM}`;
  return new Promise((resolve, reject) => {
    const asking = request({ port, path, method: "POST", headers, agent }, (response) => {
      let body = "";
      response.on("data", (part: Buffer) => (body += part.toString()));
      response.on("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(body) as Seat);
        else reject(new Error(`no seat: ${response.statusCode} ${body}`));
      });
    });
    asking.on("error", reject);
    asking.end("{}");
  });
}
