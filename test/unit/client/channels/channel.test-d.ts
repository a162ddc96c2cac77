import type { Channel } from "../../../../client/channels/channel.ts";
import { connect } from "../../../../client/connect.ts";
import type { PresenceState } from "../../../../shared/events/presence-event.ts";
import type {
  HistoryMessage,
  PublishReceipt,
  RealtimePayload,
  Recovery,
} from "../../../../shared/events/publication.ts";

// Compiled by `npm run types` and never run: a line below `@ts-expect-error` that compiles,
// or any other that does not, is a failed test.

type IsSame<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
declare function assertSame<One, Other>(isSame: IsSame<One, Other>): void;

interface ChatMessage {
  id: string;
  text: string;
}

export async function useOfAChannel(): Promise<void> {
  const realtime = connect("ws://localhost:2567");
  const channel = realtime.channel("chat/general", { echo: false, whenOffline: "reject" });
  // @ts-expect-error: there is no such policy.
  realtime.channel("chat/general", { whenOffline: "drop" });

  // As the seed's programs are written: without a type, everything fits.
  const messages: ChatMessage[] = [];
  channel
    .on("message", ({ data }) => {
      messages.push(data);
    })
    .on("presence:join", ({ data, self, initial }) => {
      void new Map<string, { name: string }>().set(data.userId, data);
      void (self && initial);
    })
    .subscribe();

  // With a type, only what it has.
  channel.on<ChatMessage>("message", ({ data }) => {
    void data.text.trim();
    // @ts-expect-error: a message has no such field.
    void data.author;
  });
  channel.on("message", ({ data, old }: RealtimePayload<ChatMessage>) => {
    void `${data.text} ${old?.text}`;
  });

  // What the client itself tells has its own types.
  channel.on("recovery", ({ data }) => assertSame<typeof data, Recovery>(true));
  channel.on("resync", ({ data }) => assertSame<typeof data, Recovery>(true));
  channel.on("revision", ({ data }) => assertSame<typeof data, HistoryMessage>(true));
  channel.on("presence:sync", ({ data }) =>
    assertSame<typeof data, readonly PresenceState[]>(true),
  );

  const listener = ({ data }: RealtimePayload<ChatMessage>): void => void data.text;
  assertSame<ReturnType<typeof channel.off>, Channel>(true);
  channel.on("message", listener).off("message", listener);

  channel.subscribe((status, error) => {
    if (status === "CHANNEL_ERROR") void error?.code;
    // @ts-expect-error: there is no such status.
    if (status === "JOINED") return;
  });
  const receipt = await channel.publish("message", { text: "hi" }, { persist: true });
  assertSame<typeof receipt, PublishReceipt>(true);
  // @ts-expect-error: there is no such option.
  void channel.publish("message", 1, { store: true });
  // @ts-expect-error: presence is an object.
  void channel.track("online");
  const history = await channel.getHistory(50, receipt.timestamp);
  assertSame<typeof history, HistoryMessage[]>(true);
  void channel.getHistory(50, history.at(-1)?.cursor);
}
