import { SyncError } from "../../shared/errors.ts";
import { checkEvent, checkPublicationId } from "../../shared/events/channel-arguments.ts";

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
  checkEvent(event);
  if (id !== undefined) checkPublicationId(id);
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
