import type { RealtimeEvent } from "../../shared/patterns/realtime-event.ts";

/** A client came: it listens to its first topic, or published before it listened to any. */
export interface ClientConnected {
  readonly clientId: string;
  readonly topic: string;
  readonly timestamp: Date;
  readonly metadata?: { readonly ip?: string; readonly userAgent?: string };
}

/** A client's connection is gone. It may come back, as the same client. */
export interface ClientDisconnected {
  readonly clientId: string;
  /** What it listened to. */
  readonly topics: readonly string[];
  readonly timestamp: Date;
}

/** A client published, and the event has its place in the topic. */
export interface MessageReceived {
  readonly clientId: string;
  readonly topic: string;
  readonly message: RealtimeEvent;
  readonly timestamp: Date;
}

/** What a server tells, by name. */
export interface ServerEvents {
  "client.connected": ClientConnected;
  "client.disconnected": ClientDisconnected;
  "message.received": MessageReceived;
}

/** What a server counts, since it was started. */
export interface ServerStats {
  readonly connectedClients: number;
  /** Topics that somebody listens to. */
  readonly totalTopics: number;
  /** Events sent, to each client that they were sent to. */
  readonly messagesSent: number;
  /** Events that clients published. */
  readonly messagesReceived: number;
  /** Milliseconds. */
  readonly uptime: number;
}
