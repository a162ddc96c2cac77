import type { RealtimeServer } from "../../../server/realtime-server.ts";
import type { PublishedMessage } from "../support/history.ts";
import { topicName, type CutMessage } from "./fleet-member.ts";

/** The topic that the server's own code publishes on. */
export const SERVER_TOPIC = 0;
/** No client has this number. */
const SERVER = 999_999;
const PUBLISH_EVERY_MS = 5;

/** Publishes on one topic as the server's own code does, and writes it down. */
export class ServerPublisher {
  readonly published: PublishedMessage[] = [];
  readonly #server: Pick<RealtimeServer, "socket">;
  #timer: NodeJS.Timeout | undefined;
  readonly #unanswered = new Set<Promise<void>>();

  constructor(server: Pick<RealtimeServer, "socket">) {
    this.#server = server;
  }

  start(perSecond: number): void {
    const startedAt = performance.now();
    const before = this.published.length;
    this.#timer = setInterval(() => {
      const due = before + ((performance.now() - startedAt) * perSecond) / 1_000;
      while (this.published.length < due) this.publish();
    }, PUBLISH_EVERY_MS);
  }

  /** Resolves when everything that was published has its place. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#unanswered);
  }

  publish(): void {
    const seq = this.published.length + 1;
    const message: PublishedMessage = { topic: SERVER_TOPIC, from: SERVER, seq };
    this.published.push(message);
    const data: CutMessage = { from: SERVER, seq, text: "what the server has to say" };
    const answered = this.#emit(data, message).finally(() => this.#unanswered.delete(answered));
    this.#unanswered.add(answered);
  }

  async #emit(data: CutMessage, message: PublishedMessage): Promise<void> {
    const topic = topicName(SERVER_TOPIC);
    message.offset = (await this.#server.socket.emit("message", { ...data }, topic)).offset!;
  }
}
