import { SyncError } from "../../shared/errors.ts";

/** What this looks at in the global scope; a page has no process, a process no page. */
interface AddressScope {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
  readonly location?: { readonly origin: string };
}

const DEFAULT_URL = "ws://localhost:3030";

/**
 * Where the server is, unless somebody says so: at `WEBSOCKET_URL` where a process has an
 * environment, else where the page came from, else at port 3030 of this machine.
 */
export function serverAddress({ process, location }: AddressScope = globalThis): string {
  return process?.env?.["WEBSOCKET_URL"] || location?.origin || DEFAULT_URL;
}

/**
 * Throws `options-invalid` for a transport that there is not; `REALTIME_TRANSPORT` names it
 * where nobody says so.
 */
export function checkTransport(transport?: string, { process }: AddressScope = globalThis): void {
  const wanted = transport ?? (process?.env?.["REALTIME_TRANSPORT"] || "websocket");
  if (wanted === "websocket") return;
  const known =
    wanted === "nats" ? `transport "nats" is not built yet` : `no transport "${wanted}"`;
  throw new SyncError("options-invalid", `${known}: there is "websocket"`);
}
