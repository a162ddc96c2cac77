/**
 * How a client is connected, in the words shown to people.
 *
 * `idle`: nothing was joined yet, or everything was left on purpose. `connecting`: a first
 * join is under way. `connected`: every joined room is there. `reconnecting`: at least one
 * room was lost and is being rejoined. `disconnected`: `disconnect()` was called, or the
 * last room ended or refused us.
 */
export type ConnectionStatus =
  | "idle"
  | "connecting"
  | "connected"
  | "reconnecting"
  | "disconnected";

/**
 * Why a connection was lost: `client`, somebody here wanted it; `network`, it broke; `server`,
 * that restarts or asks everybody to come back; `kicked`, it ended us for good.
 */
export type DisconnectReason = "client" | "network" | "server" | "kicked";

/** Where one room stands, from its first join until it ends. */
export type SessionStatus = "connecting" | "connected" | "reconnecting" | "ended";

/** One word for all rooms: a lost room shows before a connected one, that before a new one. */
export function overallStatus(
  sessions: Iterable<SessionStatus>,
  whenNone: ConnectionStatus,
): ConnectionStatus {
  const present = new Set(sessions);
  if (present.has("reconnecting")) return "reconnecting";
  if (present.has("connected")) return "connected";
  if (present.has("connecting")) return "connecting";
  return whenNone;
}
