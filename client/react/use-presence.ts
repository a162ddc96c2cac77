import { useEffect, useMemo } from "react";
import type { SyncError } from "../../shared/errors.ts";
import { useScope } from "./realtime-context.ts";
import type { PresenceSnapshot } from "./stores/presence-store.ts";
import type { TopicStatus } from "./stores/topic-handle.ts";
import { useLiveStore } from "./use-live-store.ts";
import type { RoomView } from "./use-room.ts";

/** A member as the application knows it: what it shows, and who it is. */
export type Member<State> = State & { readonly userId: string };

/** Where `usePresence` looks. */
export interface PresenceOptions {
  /** A room that carries the channel, instead of the client's connection for channels. */
  readonly room?: Pick<RoomView<unknown>, "room">;
}

/** Who is on a topic, at the time of this render. */
export interface PresenceView<State> {
  /** Everybody who is here, this user too if it shows itself; one user is one member. */
  readonly members: readonly Member<State>[];
  readonly status: TopicStatus;
  /** The latest thing that went wrong, until the same goes well. */
  readonly error: SyncError | undefined;
  /** Subscribes again after it was refused. */
  readonly retry: () => void;
}

/**
 * Who is on a topic. With a `state` this user is, too, and others see the state, as long as
 * the component is there: mounted anew within a moment, nobody sees it leave. A state that
 * says the same is the same. `null` as the topic means none, for the time being.
 */
export function usePresence<State extends object = Record<string, unknown>>(
  topic: string | null,
  state?: State,
  { room }: PresenceOptions = {},
): PresenceView<State> {
  const scope = useScope("usePresence");
  const carrier = room === undefined ? scope.client : room.room;
  const store = useMemo(
    () => (topic === null || carrier === undefined ? undefined : scope.presence(carrier, topic)),
    [scope, carrier, topic],
  );
  const view = useLiveStore(store?.live, NOBODY);
  const text = state === undefined ? undefined : JSON.stringify(state);
  useEffect(() => {
    if (text === undefined) return undefined;
    return store?.show(JSON.parse(text) as Record<string, unknown>);
  }, [store, text]);
  return useMemo(
    () => ({ ...view, retry: store?.retry ?? doNothing }) as unknown as PresenceView<State>,
    [view, store],
  );
}

const NOBODY: PresenceSnapshot = { members: [], status: "subscribing", error: undefined };

function doNothing(): void {
  // There is nothing to do it to.
}
