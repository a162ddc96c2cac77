import type { Identity } from "../../shared/protocol/hello.ts";

/** A place in a room that matchmaking reserved for us, and how to get to it. */
export interface Seat {
  readonly roomId: string;
  readonly sessionId: string;
  readonly processId: string;
  /** Host and port of the room's process, when it is not the one we asked. */
  readonly publicAddress?: string;
  /** Who the server says we are; a plain Colyseus server does not say. */
  readonly user?: Identity;
  /** The server made us a new guest: ours to keep. */
  readonly issuedToken?: string;
}

/** Reads matchmaking's answer; undefined when it is not a seat. */
export function parseSeat(answer: unknown): Seat | undefined {
  if (!isRecord(answer)) return undefined;
  const { roomId, sessionId, processId, publicAddress, identity } = answer;
  if (![roomId, sessionId, processId].every((each) => typeof each === "string")) return undefined;
  const { user, token } = isRecord(identity) ? identity : {};
  return {
    roomId: roomId as string,
    sessionId: sessionId as string,
    processId: processId as string,
    ...(typeof publicAddress === "string" ? { publicAddress } : {}),
    ...(isIdentity(user) ? { user } : {}),
    ...(typeof token === "string" ? { issuedToken: token } : {}),
  };
}

export function isIdentity(value: unknown): value is Identity {
  return isRecord(value) && typeof value["id"] === "string" && typeof value["name"] === "string";
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
