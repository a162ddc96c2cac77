import type { PlacedAuditEntry } from "../persistence/room-store.ts";

/** What somebody did in a durable room. */
export interface AuditedIntent {
  /** Counts the entries of the room; an older one has a smaller one. */
  readonly position: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Who it was, with the name of that time. */
  readonly user: { readonly id: string; readonly name: string };
  /** Of the intent. */
  readonly name: string;
  readonly payload: unknown;
}

/** The part of an entry that the store does not look into. A payload that is no JSON is null. */
export function packAudited(userName: string, payload: unknown): string {
  try {
    return JSON.stringify([userName, payload ?? null]);
  } catch {
    return JSON.stringify([userName, null]);
  }
}

export function readAudited(entry: PlacedAuditEntry): AuditedIntent {
  const { position, at, userId, name, data } = entry;
  const [userName, payload] = JSON.parse(data) as [string, unknown];
  return { position, at, user: { id: userId, name: userName }, name, payload };
}
