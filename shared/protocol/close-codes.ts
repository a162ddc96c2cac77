/**
 * Why a connection was closed. The first block is the standard's and Colyseus's own, so
 * that stock clients understand them; 4100 and up are ours.
 */
export const CloseCode = {
  NORMAL: 1000,
  /** The page or the process goes away; the client may come back. */
  GOING_AWAY: 1001,
  NO_STATUS: 1005,
  ABNORMAL: 1006,
  /** A frame was larger than the server reads. Final: sending it again would fail again. */
  FRAME_TOO_LARGE: 1009,
  /** Somebody asked for it: `leave()`, or the room closed on purpose. Final. */
  CONSENTED: 4000,
  /** The process shuts down or is redeployed. The client rejoins. */
  SERVER_SHUTDOWN: 4001,
  /** The room or the join failed with an error. */
  WITH_ERROR: 4002,
  FAILED_TO_RECONNECT: 4003,
  MAY_TRY_RECONNECT: 4010,
  /** Client and server speak different versions, or the state schema changed. Reload. */
  VERSION_MISMATCH: 4100,
  /** A frame could not be decoded. Final: a client that sends such frames is broken. */
  FRAME_MALFORMED: 4101,
  /** More frames or bytes than the limits allow. Wait before coming back. */
  FLOODED: 4102,
  /** The room moved or restarted and asks its clients to join again. */
  REJOIN: 4103,
  /**
   * The token expired and no newer one was shown in time. The client rejoins with its newest
   * token; when that has expired too, the rejoin is refused with `auth-failed` and it stops.
   */
  TOKEN_EXPIRED: 4104,
  /**
   * The client did not read what it was sent, beyond what the server keeps for it. It comes
   * back to its seat and gets the state and, of messages, what it missed.
   */
  TOO_SLOW: 4105,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

const FINAL_CODES: ReadonlySet<number> = new Set([
  CloseCode.CONSENTED,
  CloseCode.FRAME_TOO_LARGE,
  CloseCode.VERSION_MISMATCH,
  CloseCode.FRAME_MALFORMED,
]);

/** Whether a client that was closed with `code` stays away instead of rejoining by itself. */
export function isFinalCloseCode(code: number): boolean {
  return FINAL_CODES.has(code);
}
