import { SyncError } from "../../shared/errors.ts";
import { MAX_INTENT_ID_LENGTH } from "../../shared/limits.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";

/** What our client asks for, out of its envelope. */
export interface Asked {
  /** Unique to its sender. */
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
}

/** Reads an envelope. Throws `version-mismatch` or `payload-invalid` for one that is none. */
export function parseEnvelope(envelope: unknown): Asked {
  const [version, id, name, payload] = Array.isArray(envelope) ? (envelope as unknown[]) : [];
  if (version !== PROTOCOL_VERSION) {
    const shown = typeof version === "number" ? String(version) : typeof version;
    const text = `request of protocol version ${shown}, not ${PROTOCOL_VERSION}`;
    throw new SyncError("version-mismatch", text);
  }
  const isNamed = typeof id === "string" && typeof name === "string";
  if (!isNamed || id.length > MAX_INTENT_ID_LENGTH) {
    throw new SyncError("payload-invalid", "malformed request");
  }
  return { id, name, payload };
}
