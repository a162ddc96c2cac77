/** What a member shows: at least who it is; the rest is what its sessions track. */
export interface PresenceState {
  readonly userId: string;
  readonly [name: string]: unknown;
}

export type PresenceEventName = "presence:join" | "presence:update" | "presence:leave";

/** Somebody came, changed or went. One user is one member, however many tabs are open. */
export interface PresenceEvent {
  readonly event: PresenceEventName;
  readonly data: PresenceState;
  /** What the member showed before; on updates. */
  readonly old?: PresenceState;
  /** Why it went: it said so, or its connection was lost for longer than the grace. */
  readonly reason?: "left" | "lost";
  /** The session that caused it. */
  readonly sessionId: string;
  readonly timestamp: number;
}
