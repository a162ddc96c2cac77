import {
  createElement,
  type ReactElement,
  type ReactNode,
  useLayoutEffect,
  useMemo,
  useSyncExternalStore,
} from "react";
import type { ServerType } from "../../shared/room-types.ts";
import { connect } from "../connect.ts";
import type { RealtimeClient } from "../realtime-client.ts";
import { RealtimeContext } from "./realtime-context.ts";
import { ClientLease } from "./stores/client-lease.ts";
import { RealtimeScope } from "./stores/realtime-scope.ts";

/** `client` or `url`; a client of one's own counts where there are both. */
export interface RealtimeProviderProps<Server extends ServerType = ServerType> {
  /** A client of your own: it stays connected when the provider goes. */
  readonly client?: RealtimeClient<Server>;
  /**
   * Without a client: the server's address, by default the page's own server. The client
   * made for it is disconnected a moment after the provider is gone.
   */
  readonly url?: string;
  /** Says who we are; a newer one of the same user may take its place at any time. */
  readonly token?: string;
  readonly children?: ReactNode;
}

/** Gives the components below it one client, and with it one connection. */
export function RealtimeProvider<Server extends ServerType = ServerType>({
  client,
  url = "/",
  token,
  children,
}: RealtimeProviderProps<Server>): ReactElement {
  if (client === undefined) return createElement(OwnClient, { key: url, url, token }, children);
  return createElement(
    GivenClient,
    { client: client as unknown as RealtimeClient<ServerType>, token },
    children,
  );
}

interface OwnClientProps {
  readonly url: string;
  readonly token: string | undefined;
  readonly children?: ReactNode;
}

function OwnClient({ url, token, children }: OwnClientProps): ReactElement {
  // The token of the first render: of a later one the client is told.
  const lease = useMemo(
    () => new ClientLease(() => connect(url, token === undefined ? {} : { token })),
    // oxlint-disable-next-line react/exhaustive-deps
    [url],
  );
  const { subscribe, getSnapshot } = lease.live;
  const scope = useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
  useToken(scope.client, token);
  return createElement(RealtimeContext, { value: scope }, children);
}

interface GivenClientProps {
  readonly client: RealtimeClient<ServerType>;
  readonly token: string | undefined;
  readonly children?: ReactNode;
}

function GivenClient({ client, token, children }: GivenClientProps): ReactElement {
  const scope = useMemo(() => new RealtimeScope(client), [client]);
  useToken(client, token);
  return createElement(RealtimeContext, { value: scope }, children);
}

/** Before the effects of the components below, which may join with it. */
function useToken(client: RealtimeClient<ServerType>, token: string | undefined): void {
  useLayoutEffect(() => {
    if (token !== undefined) client.setToken(token);
  }, [client, token]);
}
