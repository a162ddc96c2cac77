import { hash, randomUUID } from "node:crypto";
import type { Actor } from "./channel-policy.ts";

const ID_LENGTH = 22;

/**
 * The id of a publication. It follows from who publishes and under which key of theirs: the
 * same key again is the same id, also after a restart, and no user can take or guess the ids
 * of another. The server's own code is trusted with ids of its own.
 */
export function publicationId(actor: Actor, key: string | undefined): string {
  if (key === undefined) return randomUUID();
  if (actor === "server") return key;
  const whose = JSON.stringify([actor.user.id, key]);
  return hash("sha256", whose, "base64url").slice(0, ID_LENGTH);
}
