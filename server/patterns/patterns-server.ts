import { randomUUID } from "node:crypto";
import { Emitter, type Unsubscribe } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import type { JsonValue } from "../../shared/json-text.ts";
import { sealServerEvent } from "../../shared/patterns/event-envelope.ts";
import type { EventDraft } from "../../shared/patterns/realtime-event.ts";
import { systemClock } from "../../shared/system-clock.ts";
import { sealPayload } from "../channels/payload.ts";
import { createServer } from "../create-server.ts";
import { stderrLogger } from "../logger.ts";
import { RealtimeServer } from "../realtime-server.ts";
import { ClientMonitor } from "./client-monitor.ts";
import {
  checkAttachment,
  type PatternsServerOptions,
  toServerOptions,
} from "./patterns-options.ts";
import type { ServerEvents, ServerStats } from "./server-event.ts";

const DEFAULT_PORT = 3030;

type Handlers = { [Name in keyof ServerEvents]: Emitter<[event: ServerEvents[Name]]> };

/** One server of topics, from `start` to `stop`, as often as one likes. */
export class PatternsServer {
  readonly #options: PatternsServerOptions;
  readonly #handlers: Handlers;
  #server: RealtimeServer | undefined;
  #monitor: ClientMonitor | undefined;
  #startedAt = 0;
  #changing: Promise<void> = Promise.resolve();

  /** Throws `options-invalid` for what contradicts itself. */
  constructor(options: PatternsServerOptions) {
    checkAttachment(options);
    this.#options = options;
    const { logger = stderrLogger } = options;
    const report = (error: unknown): void => logger.error("a handler of the server failed", error);
    this.#handlers = {
      "client.connected": new Emitter(report),
      "client.disconnected": new Emitter(report),
      "message.received": new Emitter(report),
    };
  }

  /** The server behind it, for whatever else is to be done. Throws `closed` unless started. */
  get server(): RealtimeServer {
    if (this.#server !== undefined) return this.#server;
    throw new SyncError("closed", "the server is not started: call start() first");
  }

  /** Useful after `port: 0`. */
  get port(): number {
    return this.server.port;
  }

  /** Resolves when clients can connect. Does nothing when it is started already. */
  start(): Promise<void> {
    return this.#next(async () => {
      if (this.#server !== undefined) return;
      const { attachTo, port = DEFAULT_PORT, host } = this.#options;
      const isAtrium = attachTo instanceof RealtimeServer;
      const server = isAtrium ? attachTo : createServer(toServerOptions(this.#options));
      const monitor = new ClientMonitor(server, this.#now, (name, event) =>
        (this.#handlers[name] as Emitter<[event: unknown]>).emit(event),
      );
      try {
        if (attachTo === undefined) await server.listen(port, host);
        else if (!isAtrium) await server.listen();
      } catch (error) {
        monitor.stop();
        if (!isAtrium) await server.close();
        throw error;
      }
      this.#server = server;
      this.#monitor = monitor;
      this.#startedAt = this.#now();
    });
  }

  /**
   * Tells clients to come back later and closes the port; what it is attached to stays open.
   * Resolves when that is done.
   */
  stop(): Promise<void> {
    return this.#next(async () => {
      const server = this.#server;
      this.#server = undefined;
      if (server !== this.#options.attachTo) await server?.close();
      this.#monitor?.stop();
      this.#monitor = undefined;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * To everybody who listens to the topic. Resolves when the event has its place in it; the
   * same `id` again is the same event.
   */
  async broadcast(topic: string, event: EventDraft): Promise<void> {
    const data = sealServerEvent(event) as unknown as JsonValue;
    const { id } = event;
    await this.server.socket.emit(event.type, data, topic, id === undefined ? {} : { id });
  }

  /**
   * To one client, on the topic that it has listened to for longest. Rejects with `not-found`
   * for one that is not connected or listens to nothing; if its connection is lost on the
   * way, the event is lost with it.
   */
  async sendToClient(clientId: string, event: EventDraft): Promise<void> {
    const { text } = sealPayload(sealServerEvent(event));
    const publication = {
      id: event.id ?? randomUUID(),
      event: event.type,
      data: text,
      timestamp: this.#now(),
    };
    const member = this.server && this.#monitor?.find(clientId);
    const [topic] = member?.topics ?? [];
    if (topic === undefined || member?.tell(topic, publication) !== true) {
      throw new SyncError("not-found", `no client "${clientId.slice(0, 40)}" listens here`);
    }
    if (this.#monitor !== undefined) this.#monitor.messagesSent += 1;
  }

  /** All zero unless started. */
  getStats(): ServerStats {
    const monitor = this.#monitor;
    return {
      connectedClients: monitor?.connectedClients ?? 0,
      totalTopics: monitor?.totalTopics ?? 0,
      messagesSent: monitor?.messagesSent ?? 0,
      messagesReceived: monitor?.messagesReceived ?? 0,
      uptime: monitor === undefined ? 0 : this.#now() - this.#startedAt,
    };
  }

  /** Calls `handler` from now on, started or not, until the returned function is called. */
  on<Name extends keyof ServerEvents>(
    event: Name,
    handler: (data: ServerEvents[Name]) => void,
  ): Unsubscribe {
    const handlers: Emitter<[event: ServerEvents[Name]]> | undefined = this.#handlers[event];
    if (handlers !== undefined) return handlers.on(handler);
    throw new SyncError("options-invalid", `a server tells nothing of "${event}"`);
  }

  readonly #now = (): number => (this.#options.clock ?? systemClock).now();

  /** Starting and stopping wait for each other. */
  #next(change: () => Promise<void>): Promise<void> {
    const changed = this.#changing.then(change);
    this.#changing = changed.catch(() => undefined);
    return changed;
  }
}
