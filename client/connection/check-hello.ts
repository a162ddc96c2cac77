import { SyncError } from "../../shared/errors.ts";
import type { Hello, RoomStream } from "../../shared/protocol/hello.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import { isIdentity, isRecord } from "./seat.ts";

/**
 * The hello, if this page can go on with that server: `version-mismatch` when it speaks
 * another version or its state schema is not the one that the page has seen before.
 */
export function checkHello(payload: unknown, heldSchema: string | undefined): Hello | SyncError {
  if (!isRecord(payload)) return new SyncError("frame-malformed", "the hello says nothing");
  const { protocol, schema, user, ticksPerSecond, hasState, stream } = payload;
  if (protocol !== PROTOCOL_VERSION) {
    const versions = `version ${String(protocol)}, this page ${PROTOCOL_VERSION}`;
    return new SyncError("version-mismatch", `the server speaks protocol ${versions}`);
  }
  if (typeof schema !== "string" || typeof ticksPerSecond !== "number" || !isIdentity(user)) {
    return new SyncError("frame-malformed", "the hello is not complete");
  }
  if (heldSchema !== undefined && heldSchema !== schema) {
    return new SyncError("version-mismatch", "the room's state has changed its schema");
  }
  const hello: Hello = { protocol, schema, user, ticksPerSecond, hasState: hasState !== false };
  return isRoomStream(stream) ? { ...hello, stream } : hello;
}

function isRoomStream(value: unknown): value is RoomStream {
  if (!isRecord(value) || typeof value["topic"] !== "string") return false;
  const { position } = value;
  if (!isRecord(position)) return false;
  return typeof position["epoch"] === "string" && Number.isSafeInteger(position["offset"]);
}

/** A plain Colyseus room has no tick of ours, and takes stock messages only. */
export function takesIntents(hello: Hello | undefined): boolean {
  return hello !== undefined && hello.ticksPerSecond > 0;
}
