import {
  type AerostackChannel,
  AerostackProvider,
  useAerostack,
  useAuth,
} from "atrium/client/aerostack";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

interface ChatMessage {
  id: string;
  userId: string;
  userName: string;
  text: string;
  timestamp: number;
}

interface Member {
  userId: string;
  name: string;
}

/** A whole chat: what was said before, what is said now, and who is there. */
function Chat({ roomId }: { roomId: string }): ReactNode {
  const { realtime } = useAerostack();
  const { user } = useAuth();
  const [messages, setMessages] = useState<ChatMessage[]>([]);
  const [input, setInput] = useState("");
  const [online, setOnline] = useState<Map<string, Member>>(new Map());
  const channelRef = useRef<AerostackChannel | null>(null);

  useEffect(() => {
    const channel = realtime.channel(`chat/${roomId}`);
    channelRef.current = channel;
    // History is newest first; a chat reads downwards.
    channel.getHistory(100).then((history) => {
      setMessages(history.map((kept) => kept.data).toReversed());
    });
    channel.track({ userId: user.id, name: user.name, status: "online" });
    channel
      .on("message", ({ data }) => {
        setMessages((said) => [...said, data]);
      })
      .on("presence:join", ({ data }) => {
        setOnline((people) => new Map(people).set(data.userId, data));
      })
      .on("presence:leave", ({ data }) => {
        setOnline((people) => {
          const others = new Map(people);
          others.delete(data.userId);
          return others;
        });
      })
      .subscribe();
    return () => {
      channel.untrack();
      channel.unsubscribe();
    };
  }, [realtime, roomId, user]);

  const say = (event: FormEvent): void => {
    event.preventDefault();
    if (input.trim() === "" || channelRef.current === null) return;
    const message = {
      id: crypto.randomUUID(),
      userId: user.id,
      userName: user.name,
      text: input.trim(),
      timestamp: Date.now(),
    };
    channelRef.current.publish("message", message, { persist: true });
    setInput("");
  };

  return (
    <main>
      <h1>
        {online.size} online: {[...online.values()].map(({ name }) => name).join(", ")}
      </h1>
      <p id="me">{user.name}</p>
      <ol style={{ height: 400, overflowY: "auto" }}>
        {messages.map(({ id, userName, text }) => (
          <li key={id}>
            <strong>{userName}</strong>: {text}
          </li>
        ))}
      </ol>
      <form onSubmit={say}>
        <input
          value={input}
          onChange={(event) => setInput(event.target.value)}
          placeholder="Say something"
        />
        <button type="submit">Say it</button>
      </form>
    </main>
  );
}

mountPage(
  <AerostackProvider>
    <Chat roomId="general" />
  </AerostackProvider>,
);
