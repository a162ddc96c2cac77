import {
  createContext,
  createElement,
  type ReactNode,
  Suspense,
  use,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useSyncExternalStore,
} from "react";
import type { Identity } from "../../shared/protocol/hello.ts";
import type { AerostackRealtime } from "./aerostack-realtime.ts";
import { type Aerostack, createAerostack } from "./create-aerostack.ts";
import { MountedConnection } from "./mounted-connection.ts";

/** `realtime` or `url`; `realtime` counts where there are both. */
export interface AerostackProviderProps {
  /** The server's address; by default the one that the page came from. */
  readonly url?: string;
  /** What `createAerostack` made, in place of an address. It stays connected afterwards. */
  readonly realtime?: AerostackRealtime;
  /** Says who we are; a newer one is shown to the connection that stands. */
  readonly token?: string;
  /**
   * Shown until the server has said who we are, in place of components that ask with
   * `useAuth()`; and where pages are rendered on a server.
   */
  readonly fallback?: ReactNode;
  readonly children?: ReactNode;
}

/** What `useAuth()` returns. */
export interface Auth {
  readonly user: Identity;
}

const AerostackContext = createContext<Aerostack | undefined>(undefined);

/** Connects when it is mounted, and gives `realtime` and `user` to the components in it. */
export function AerostackProvider({
  url,
  realtime,
  token,
  fallback,
  children,
}: AerostackProviderProps): ReactNode {
  const isPage = useSyncExternalStore(neverChanges, isTrue, isFalse);
  const mounted = useMemo(() => {
    if (!isPage) return undefined;
    const aerostack = realtime === undefined ? createAerostack(url) : { realtime };
    const isOwn = realtime === undefined && url !== undefined;
    return { aerostack, connection: new MountedConnection(aerostack.realtime, isOwn) };
  }, [isPage, realtime, url]);
  // Before the components' own effects: what they do opens a connection, too.
  useLayoutEffect(() => {
    if (token !== undefined) mounted?.connection.setToken(token);
  }, [mounted, token]);
  useEffect(() => mounted?.connection.mount(), [mounted]);
  if (mounted === undefined) return fallback;
  const inner = createElement(Suspense, { fallback }, children);
  return createElement(AerostackContext, { value: mounted.aerostack }, inner);
}

/** The provider's `realtime`: the same object in every render. */
export function useAerostack(): Aerostack {
  const aerostack = use(AerostackContext);
  if (aerostack !== undefined) return aerostack;
  throw new TypeError("useAerostack() and useAuth() need an <AerostackProvider> around them");
}

/**
 * Who the server says we are: the same objects until that changes. The component appears when
 * it is known, which is on the first connection; until then the provider's `fallback` does, or
 * that of a nearer `Suspense`.
 */
export function useAuth(): Auth {
  const { realtime } = useAerostack();
  const onChange = useCallback((changed: () => void) => realtime.onUserChange(changed), [realtime]);
  const first = use(realtime.known);
  const user = useSyncExternalStore(onChange, () => realtime.user ?? first);
  return useMemo(() => ({ user }), [user]);
}

const neverChanges = (): (() => void) => () => undefined;
const isTrue = (): boolean => true;
const isFalse = (): boolean => false;
