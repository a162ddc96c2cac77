import { SyncError } from "../../shared/errors.ts";
import { toJsonText } from "../../shared/json-text.ts";
import {
  MAX_EVENT_LENGTH,
  MAX_PAYLOAD_BYTES,
  MAX_PUBLICATION_ID_LENGTH,
} from "../../shared/limits.ts";

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

/** The payload as JSON. Throws `payload-invalid`, or `payload-too-large` beyond 1 MB. */
export function payloadText(data: unknown): string {
  const text = toJsonText(data);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_PAYLOAD_BYTES) return text;
  throw new SyncError(
    "payload-too-large",
    `payload of ${bytes} bytes exceeds ${MAX_PAYLOAD_BYTES}`,
  );
}

/** Throws `payload-invalid` for an event or id that is none. */
export function checkNames({ event, id }: { event: unknown; id?: unknown }): void {
  const isEvent = typeof event === "string" && event !== "" && event.length <= MAX_EVENT_LENGTH;
  if (!isEvent) throw new SyncError("payload-invalid", "a publication needs an event name");
  const isId =
    id === undefined || (typeof id === "string" && id.length <= MAX_PUBLICATION_ID_LENGTH);
  if (!isId) {
    throw new SyncError(
      "payload-invalid",
      `a publication's id has up to ${MAX_PUBLICATION_ID_LENGTH} characters`,
    );
  }
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
