import { SyncError } from "../../shared/errors.ts";
import { isPublishableEvent } from "../../shared/events/event-names.ts";
import { MAX_EVENT_LENGTH, MAX_PUBLICATION_ID_LENGTH } from "../../shared/limits.ts";

/** A publication before it has a place in its topic. */
export interface Draft {
  readonly topic: string;
  readonly event: string;
  readonly data: unknown;
  /** The publisher's key: the same one again is the same publication. */
  readonly id?: string;
  readonly persist?: boolean;
  readonly volatile?: boolean;
  /** False: the publishing session does not want to hear it itself. */
  readonly echo?: boolean;
  readonly sessionId?: string;
}

/** Throws `payload-invalid` for an event or id that is none. */
export function checkNames({ event, id }: { event: unknown; id?: unknown }): void {
  if (!isPublishableEvent(event)) {
    const shown = typeof event === "string" ? JSON.stringify(event.slice(0, 40)) : typeof event;
    const form = `1 to ${MAX_EVENT_LENGTH} characters and no name of presence or recovery`;
    throw new SyncError("payload-invalid", `event ${shown} cannot be published: it needs ${form}`);
  }
  const isId = typeof id === "string" && id !== "" && id.length <= MAX_PUBLICATION_ID_LENGTH;
  if (id === undefined || isId) return;
  const text = `a publication's id has 1 to ${MAX_PUBLICATION_ID_LENGTH} characters`;
  throw new SyncError("payload-invalid", text);
}

/** How a publication wants to be treated, out of what somebody claims: anything but true is no. */
export function readFlags(claimed: object): Pick<Draft, "persist" | "volatile" | "echo"> {
  const flags: { persist?: boolean; volatile?: boolean; echo?: boolean } = {};
  for (const name of ["persist", "volatile", "echo"] as const) {
    const value = (claimed as Record<string, unknown>)[name];
    if (value !== undefined) flags[name] = value === true;
  }
  return flags;
}

/** Throws `payload-invalid` for what has to be a text and is none. */
export function requireText(value: unknown, what: string): string {
  if (typeof value === "string") return value;
  throw new SyncError("payload-invalid", `${what} is ${typeof value}, not a text`);
}
