import type { IncomingMessage } from "node:http";
import {
  BUILD_SUBPROTOCOL_PREFIX,
  RECONNECT_SUBPROTOCOL_PREFIX,
  SCHEMA_SUBPROTOCOL_PREFIX,
  VERSION_SUBPROTOCOL_PREFIX,
} from "../../shared/protocol/protocol-version.ts";

/** What an upgrade asks for. */
export interface UpgradeRequest {
  readonly roomId: string;
  readonly sessionId: string;
  /** From our client's subprotocol, or from a stock client's query. */
  readonly reconnectionToken: string | undefined;
  readonly skipHandshake: boolean;
  /** Protocol version of our client; absent: a stock SDK. */
  readonly version: number | undefined;
  /** Hash of the state schema that our client already holds. */
  readonly schema: string | undefined;
  /** Build of the page that our client is part of, as far as it knows. */
  readonly build: string | undefined;
}

const ROOM_PATH = /^\/[A-Za-z0-9_-]+\/([A-Za-z0-9_-]+)$/;

/** Reads an upgrade; undefined when it is not for a room. Never throws. */
export function parseUpgradeRequest(request: IncomingMessage): UpgradeRequest | undefined {
  const target = request.url ?? "/";
  const questionMark = target.indexOf("?");
  const path = questionMark < 0 ? target : target.slice(0, questionMark);
  const query = new URLSearchParams(questionMark < 0 ? "" : target.slice(questionMark));
  const roomId = ROOM_PATH.exec(path)?.[1];
  const sessionId = query.get("sessionId");
  if (roomId === undefined || sessionId === null) return undefined;

  const offered = offeredSubprotocols(request);
  const version = valueAfter(offered, VERSION_SUBPROTOCOL_PREFIX);
  return {
    roomId,
    sessionId,
    reconnectionToken:
      valueAfter(offered, RECONNECT_SUBPROTOCOL_PREFIX) ??
      query.get("reconnectionToken") ??
      undefined,
    skipHandshake: query.has("skipHandshake"),
    version: version === undefined ? undefined : Number(version),
    schema: valueAfter(offered, SCHEMA_SUBPROTOCOL_PREFIX),
    build: valueAfter(offered, BUILD_SUBPROTOCOL_PREFIX),
  };
}

/** Whether the URL holds a credential, as stock SDKs write it there, for every log to keep. */
export function hasTokenInUrl({ url = "/" }: IncomingMessage): boolean {
  return /[?&](?:_authToken|reconnectionToken)=/.test(url);
}

/** The subprotocol to agree to: the one that names our version, whichever it is. */
export function selectSubprotocol(offered: Iterable<string>): string | false {
  for (const each of offered) if (each.startsWith(VERSION_SUBPROTOCOL_PREFIX)) return each;
  return false;
}

function offeredSubprotocols(request: IncomingMessage): string[] {
  const header = request.headers["sec-websocket-protocol"] ?? "";
  return header.split(",").map((each) => each.trim());
}

function valueAfter(offered: readonly string[], prefix: string): string | undefined {
  return offered.find((each) => each.startsWith(prefix))?.slice(prefix.length);
}
