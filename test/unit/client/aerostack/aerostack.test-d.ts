import { createElement } from "react";
import {
  type AerostackChannel,
  AerostackProvider,
  type ConnectionStatus,
  createAerostack,
  type HistoryMessage,
  type Identity,
  type RealtimePayload,
  useAerostack,
  useAuth,
} from "../../../../client/aerostack/index.ts";
import { connect } from "../../../../client/connect.ts";
import type { FakeServerType } from "../../../support/fake-client.ts";

// Compiled by `npm run types` and never run: a line below `@ts-expect-error` that compiles,
// or any other that does not, is a failed test.

type IsSame<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
declare function assertSame<One, Other>(isSame: IsSame<One, Other>): void;

/** The payload as Aerostack's documentation has it. */
interface DocumentedPayload<T> {
  type: "db_change" | "event";
  topic: string;
  operation?: "INSERT" | "UPDATE" | "DELETE";
  event?: string;
  data: T;
  old?: T;
  userId?: string;
  timestamp?: number | string;
}

/** A stored message as Aerostack's documentation has it. */
interface DocumentedMessage {
  id: string;
  room_id: string;
  user_id: string;
  event: string;
  data: { text: string };
  created_at: number;
}

interface ChatMessage {
  id: string;
  text: string;
}

export async function useOfAChannel(): Promise<void> {
  const { realtime } = useAerostack();
  const messages: ChatMessage[] = [];

  // As programs are written that name no types.
  const channel = realtime.channel("chat/general");
  channel
    .on("message", ({ data }) => {
      messages.push(data);
    })
    .on("UPDATE", ({ data, old }) => {
      messages.push(data, old);
    })
    .on("*", ({ event, userId, timestamp }) => {
      void `${event} ${userId} ${timestamp}`;
    })
    .subscribe()
    .off("message", () => undefined);
  assertSame<typeof channel, AerostackChannel>(true);
  void channel.getHistory(100).then((history) => messages.push(...history.map(({ data }) => data)));
  void channel.publish("message", { text: "hi" }, { persist: true });
  void channel.track({ cursor: { line: 42, col: 15 } });
  void channel.untrack();
  assertSame<ReturnType<typeof channel.unsubscribe>, void>(true);

  // With types, only what they have.
  channel.on<ChatMessage>("message", ({ data }) => {
    // @ts-expect-error: a message has no such field.
    void data.author;
  });
  const typed = await channel.getHistory<ChatMessage>(50, messages.length);
  assertSame<typeof typed, HistoryMessage<ChatMessage>[]>(true);
  void channel.getHistory(50, typed.at(-1)?.created_at);
  // @ts-expect-error: a date is no time.
  void channel.getHistory(50, {} as Date);
  // @ts-expect-error: presence is an object.
  void channel.track("online");
  // @ts-expect-error: a channel has a name.
  realtime.channel();

  // Both are what Aerostack's own types promise.
  const payload = {} as RealtimePayload<ChatMessage>;
  const documented: DocumentedPayload<ChatMessage> = payload;
  const message: DocumentedMessage = {} as HistoryMessage;
  void [documented, message, ({} as RealtimePayload).data.anything];
}

export function useOfTheConnection(): () => void {
  const { realtime } = useAerostack();
  assertSame<typeof realtime.status, ConnectionStatus>(true);
  const colors = {
    connected: "green",
    connecting: "yellow",
    reconnecting: "orange",
    disconnected: "red",
    idle: "gray",
  };
  const unsubscribe = realtime.onStatusChange((status) => colors[status]);
  assertSame<ReturnType<typeof realtime.connect>, Promise<void>>(true);
  realtime.setToken("newer");
  realtime.disconnect();
  return unsubscribe;
}

export function useOfTheUser(): string {
  const { user } = useAuth();
  assertSame<typeof user, Identity>(true);
  return `${user.id} ${user.name}`;
}

export function useOfTheProvider(): void {
  const { realtime } = createAerostack("wss://example.com", { token: "mine" });
  createElement(AerostackProvider, {}, "content");
  createElement(AerostackProvider, { url: "wss://example.com", token: "mine", fallback: "…" });
  createElement(AerostackProvider, { realtime });
  // @ts-expect-error: there are no projects.
  createElement(AerostackProvider, { projectId: "mine" });
  // A client of any server, whatever its rooms.
  createAerostack(connect<FakeServerType>("wss://example.com"));
  // @ts-expect-error: that is no server.
  createAerostack(42);
}
