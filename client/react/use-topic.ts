import { useEffect, useMemo } from "react";
import { SyncError } from "../../shared/errors.ts";
import { isPublishableEvent } from "../../shared/events/event-names.ts";
import type {
  HistoryMessage,
  PublishReceipt,
  RealtimePayload,
  Recovery,
} from "../../shared/events/publication.ts";
import type { Channel, PublishOptions } from "../channels/channel.ts";
import { OWN_NOTICES } from "../channels/channel-listeners.ts";
import { useScope } from "./realtime-context.ts";
import type { TopicStatus } from "./stores/topic-handle.ts";
import type { TopicMessage } from "./stores/topic-log.ts";
import type { TopicSettings, TopicSnapshot, TopicStore } from "./stores/topic-store.ts";
import { useLatest } from "./use-latest.ts";
import { useLiveStore } from "./use-live-store.ts";
import type { RoomView } from "./use-room.ts";

/** Event names of a topic, each with the type of its data. */
export type TopicEvents = object;

type EventName<Events> = Extract<keyof Events, string>;

/** A message of any of the events, told apart by `event`. */
export type MessageOf<Events extends TopicEvents> = {
  [Event in EventName<Events>]: TopicMessage<Events[Event], Event>;
}[EventName<Events>];

/** What the client itself tells of the topic. */
interface NoticeListeners {
  readonly recovery?: (payload: RealtimePayload<Recovery>) => void;
  readonly resync?: (payload: RealtimePayload<Recovery>) => void;
  readonly revision?: (payload: RealtimePayload<HistoryMessage>) => void;
  /** Everything that happens on the channel. */
  readonly "*"?: (payload: RealtimePayload<unknown>) => void;
}

/** Listeners by event, and of what the client itself tells. */
export type TopicListeners<Events extends TopicEvents> = NoticeListeners & {
  readonly [Event in EventName<Events>]?: (payload: RealtimePayload<Events[Event]>) => void;
};

/** What `useTopic` shows and hears; its listeners may be others in every render. */
export interface TopicOptions<Events extends TopicEvents = TopicEvents> extends TopicSettings {
  /** Called for each event, once: for what is done, not shown. Volatile ones come only here. */
  readonly on?: TopicListeners<Events>;
  /** A room that carries the channel, instead of the client's connection for channels. */
  readonly room?: Pick<RoomView<unknown>, "room">;
}

/** A topic as components see it. Its functions are the same ones as long as the topic is. */
export interface TopicView<Events extends TopicEvents> {
  /** Oldest first: what was published since the component is there, and `history` before it. */
  readonly messages: readonly MessageOf<Events>[];
  readonly status: TopicStatus;
  /** The latest thing that went wrong, until the same goes well. */
  readonly error: SyncError | undefined;
  /** Whether the history may have more; undefined until it was looked at. */
  readonly hasOlder: boolean | undefined;
  /** Publications went by, while this page was away, that it will never see. */
  readonly hasGap: boolean;
  /** Resolves when it has its place. Where nobody waits for it, `error` tells of a refusal. */
  readonly publish: <Event extends EventName<Events>>(
    event: Event,
    data: Events[Event],
    options?: PublishOptions,
  ) => Promise<PublishReceipt>;
  readonly editMessage: (id: string, data: unknown) => Promise<HistoryMessage>;
  readonly deleteMessage: (id: string) => Promise<HistoryMessage>;
  /** Puts stored messages of before in front. */
  readonly loadOlder: (count?: number) => Promise<void>;
  /** Subscribes again after it was refused. */
  readonly retry: () => void;
}

/**
 * A topic and what is said on it, from the moment that the component is there until it goes.
 * Components that show the same topic share one subscription and its messages; one that is
 * mounted anew finds them. `null` as the topic means none, for the time being.
 */
export function useTopic<Events extends TopicEvents = Record<string, unknown>>(
  topic: string | null,
  options: TopicOptions<Events> = {},
): TopicView<Events> {
  const store = useTopicStore(topic, options);
  const view = useLiveStore(store?.live, NOTHING);
  const getListeners = useLatest(options.on as Readonly<Record<string, Listener>> | undefined);
  useEffect(
    () =>
      store?.hear((payload) => {
        const listeners = getListeners();
        const isPublication = payload.id !== undefined;
        // Nobody can publish what looks like a notice of our own.
        const isGenuine = isPublication === isPublishableEvent(payload.event);
        if (isGenuine) listeners?.[payload.event]?.(payload);
        if (!OWN_NOTICES.has(payload.event)) listeners?.["*"]?.(payload);
      }),
    [store, getListeners],
  );
  return useMemo(() => ({ ...view, ...methodsOf(store) }) as TopicView<Events>, [view, store]);
}

type Listener = (payload: RealtimePayload) => void;

function useTopicStore(topic: string | null, options: TopicOptions): TopicStore | undefined {
  const scope = useScope("useTopic");
  const { history, keep, echo, whenOffline, room } = options;
  const carrier = room === undefined ? scope.client : room.room;
  return useMemo(() => {
    if (topic === null || carrier === undefined) return undefined;
    const settings = { history, keep, echo, whenOffline };
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    return scope.topic(carrier, topic, Object.fromEntries(given));
  }, [scope, carrier, topic, history, keep, echo, whenOffline]);
}

const NOTHING: TopicSnapshot = {
  messages: [],
  status: "subscribing",
  error: undefined,
  hasOlder: undefined,
  hasGap: false,
};

interface TopicMethods {
  readonly publish: (event: string, data: unknown) => Promise<unknown>;
  readonly editMessage: Channel["editMessage"];
  readonly deleteMessage: Channel["deleteMessage"];
  readonly loadOlder: (count?: number) => Promise<void>;
  readonly retry: () => void;
}

function methodsOf(store: TopicStore | undefined): TopicMethods {
  if (store === undefined) return NO_METHODS;
  const { publish, editMessage, deleteMessage, loadOlder, retry } = store;
  return { publish, editMessage, deleteMessage, loadOlder, retry };
}

const NO_METHODS: TopicMethods = {
  publish: refuse,
  editMessage: refuse,
  deleteMessage: refuse,
  loadOlder: refuse,
  retry: () => undefined,
};

function refuse(): Promise<never> {
  const refusal = Promise.reject(new SyncError("closed", "there is no topic yet"));
  refusal.catch(() => undefined);
  return refusal;
}
