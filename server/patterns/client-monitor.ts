import { randomUUID } from "node:crypto";
import type { Unsubscribe } from "../../shared/emitter.ts";
import { openEvent } from "../../shared/patterns/event-envelope.ts";
import type { AudienceMember } from "../channels/channel-audience.ts";
import type { PublishedMessage } from "../channels/channel-hub.ts";
import type { RealtimeServer } from "../realtime-server.ts";
import type { ServerEvents } from "./server-event.ts";

export type ServerEventSink = <Name extends keyof ServerEvents>(
  name: Name,
  event: ServerEvents[Name],
) => void;

/**
 * Watches one server's channels from its construction to `stop()`: who comes and goes, and
 * what is said. Greets each subscription with a `connection.established`.
 */
export class ClientMonitor {
  messagesSent = 0;
  messagesReceived = 0;
  readonly #server: RealtimeServer;
  readonly #now: () => number;
  readonly #tell: ServerEventSink;
  /** By client id; one that reconnects before its loss was noticed never left. */
  readonly #clients = new Map<string, AudienceMember>();
  readonly #watching: readonly Unsubscribe[];

  constructor(server: RealtimeServer, now: () => number, tell: ServerEventSink) {
    this.#server = server;
    this.#now = now;
    this.#tell = tell;
    const { audience } = server;
    this.#watching = [
      audience.subscribed.on((member, topic) => this.#handleSubscription(member, topic)),
      audience.left.on((member, topics) => this.#handleEnd(member, topics)),
      server.onPublication((message) => this.#handlePublication(message)),
    ];
  }

  get connectedClients(): number {
    return this.#clients.size;
  }

  get totalTopics(): number {
    return new Set([...this.#clients.values()].flatMap(({ topics }) => topics)).size;
  }

  find(clientId: string): AudienceMember | undefined {
    return this.#clients.get(clientId);
  }

  stop(): void {
    for (const unwatch of this.#watching) unwatch();
    this.#clients.clear();
  }

  #handleSubscription(member: AudienceMember, topic: string): void {
    this.#meet(member, topic);
    const data = { clientId: member.sessionId, subscribedTopic: topic };
    const publication = {
      id: randomUUID(),
      event: "connection.established",
      data: JSON.stringify(data),
      timestamp: this.#now(),
    };
    if (member.tell(topic, publication)) this.messagesSent += 1;
  }

  #handlePublication({ channel: topic, ...publication }: PublishedMessage): void {
    this.messagesSent += publication.receivers;
    const message = openEvent(publication);
    const clientId = publication.sessionId;
    if (message === undefined || clientId === undefined) return;
    this.messagesReceived += 1;
    const member = this.#server.audience.find(clientId);
    if (member !== undefined) this.#meet(member, topic);
    this.#tell("message.received", { clientId, topic, message, timestamp: message.timestamp });
  }

  #meet(member: AudienceMember, topic: string): void {
    const { sessionId: clientId, peer } = member;
    const isKnown = this.#clients.has(clientId);
    this.#clients.set(clientId, member);
    if (isKnown) return;
    const timestamp = new Date(this.#now());
    this.#tell("client.connected", { clientId, topic, timestamp, metadata: peer });
  }

  #handleEnd(member: AudienceMember, topics: readonly string[]): void {
    const clientId = member.sessionId;
    if (this.#clients.get(clientId) !== member) return;
    this.#clients.delete(clientId);
    this.#tell("client.disconnected", { clientId, topics, timestamp: new Date(this.#now()) });
  }
}
