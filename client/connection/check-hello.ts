import { SyncError } from "../../shared/errors.ts";
import { isBuildId } from "../../shared/protocol/build-id.ts";
import type { Hello, RoomStream } from "../../shared/protocol/hello.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/protocol-version.ts";
import { isIdentity, isRecord } from "./seat.ts";

/** What the page has been told by an earlier hello. */
export interface HeldVersions {
  readonly schema: string | undefined;
  readonly build: string | undefined;
}

/**
 * The hello, if this page can go on with that server: `version-mismatch` when it speaks
 * another version, or its pages or its state schema are not those that this page knows.
 */
export function checkHello(payload: unknown, held: HeldVersions): Hello | SyncError {
  if (!isRecord(payload)) return new SyncError("frame-malformed", "the hello says nothing");
  const { protocol, schema, user, ticksPerSecond, hasState, stream, build } = payload;
  if (protocol !== PROTOCOL_VERSION) {
    const versions = `version ${String(protocol)}, this page ${PROTOCOL_VERSION}`;
    return new SyncError("version-mismatch", `the server speaks protocol ${versions}`);
  }
  if (typeof schema !== "string" || typeof ticksPerSecond !== "number" || !isIdentity(user)) {
    return new SyncError("frame-malformed", "the hello is not complete");
  }
  if (held.build !== undefined && build !== undefined && held.build !== build) {
    return new SyncError("version-mismatch", "the server has newer pages than this one");
  }
  if (held.schema !== undefined && held.schema !== schema) {
    return new SyncError("version-mismatch", "the room's state has changed its schema");
  }
  const hello: Hello = { protocol, schema, user, ticksPerSecond, hasState: hasState !== false };
  return {
    ...hello,
    ...(isBuildId(build) ? { build } : {}),
    ...(isRoomStream(stream) ? { stream } : {}),
  };
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
