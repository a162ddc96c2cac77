import type { StreamPosition } from "../events/publication.ts";

/** Who is behind a session, as the server stamped it: never what a client claims. */
export interface Identity {
  /** Stable for the user across reloads, tabs and reconnects. */
  id: string;
  /** What other people see; validated, at most `MAX_NAME_LENGTH` characters. */
  name: string;
  /** `"moderator"` unlocks moderation; absent for everybody else. */
  role?: string;
}

/** Message type of the hello: the first frame the server sends to one of our clients. */
export const HELLO_TYPE = "atrium:hello";

/** What our client is told before anything else. */
export interface Hello {
  /** `PROTOCOL_VERSION` of the server. */
  protocol: number;
  /** Hash of the room's state schema; a client that holds another one must reload. */
  schema: string;
  /** The pages that belong to the server; a page of another build must reload. */
  build?: string;
  user: Identity;
  ticksPerSecond: number;
  /** Whether a first state follows; without one the join handshake completes the join. */
  hasState: boolean;
  /** Where to begin to hear what the room publishes, if it publishes. */
  stream?: RoomStream;
}

/** The topic of a room's own publications, and its position at the join. */
export interface RoomStream {
  topic: string;
  position: StreamPosition;
}

/**
 * What the matchmaking route answers beside Colyseus's seat reservation. `token` is there
 * only when the server made a new guest: the client keeps it and sends it from then on.
 */
export interface IssuedIdentity {
  user: Identity;
  token?: string;
}
