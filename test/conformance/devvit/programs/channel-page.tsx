import { ChannelStatus, type RealtimeMessage, useChannel } from "atrium/client/devvit";
import { type ReactNode, useEffect, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

type Text = RealtimeMessage<{ text: string }>;

const asked = new URL(location.href).searchParams;
/** Where the component subscribes: in every `render`, in an `effect`, or with the `button`. */
const where = asked.get("subscribe") ?? "button";
const session = crypto.randomUUID();

const STATUS_NAMES = new Map<ChannelStatus, string>(
  Object.entries(ChannelStatus).map(([name, status]) => [status, name]),
);

/** A post with everything that `useChannel` has, and a list of what it told. */
function Post(): ReactNode {
  const [lines, setLines] = useState<readonly string[]>([]);
  const [statuses, setStatuses] = useState<readonly string[]>([]);
  const [renders, setRenders] = useState(0);
  const [name, setName] = useState(asked.get("name") ?? "events");
  const [isOpen, setIsOpen] = useState(true);
  const log = (line: string): void => setLines((before) => [...before, line]);

  const channel = useChannel<Text>({
    name,
    onMessage: (message) => {
      const who = message.session === session ? "me" : "somebody else";
      log(`${who} said ${message.payload.text} in render ${renders}`);
    },
    onSubscribed: () => log("subscribed"),
    onUnsubscribed: (reason) => log(`unsubscribed by ${reason}`),
  });
  if (where === "render" && isOpen) channel.subscribe();
  const { subscribe, unsubscribe, status } = channel;

  useEffect(() => {
    if (where !== "effect") return undefined;
    subscribe();
    return () => unsubscribe();
  }, [subscribe, unsubscribe]);
  useEffect(() => {
    setStatuses((before) => [...before, STATUS_NAMES.get(status) ?? "?"]);
  }, [status]);

  const send = async (): Promise<void> => {
    try {
      await channel.send({ payload: { text: "hi" }, session });
      log("sent");
    } catch (error) {
      log(`refused: ${(error as Error).message}`);
    }
  };
  return (
    <main>
      <output>{STATUS_NAMES.get(status)}</output>
      <p id="statuses">{statuses.join(" ")}</p>
      <button onClick={subscribe}>subscribe</button>
      <button onClick={unsubscribe}>unsubscribe</button>
      <button onClick={() => void send()}>send</button>
      <button onClick={() => setRenders(renders + 1)}>render again ({renders})</button>
      <button onClick={() => setName("others")}>other channel</button>
      <button onClick={() => setIsOpen(!isOpen)}>{isOpen ? "close" : "open"}</button>
      <ol>
        {lines.map((line, at) => (
          // The list only grows.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={at}>{line}</li>
        ))}
      </ol>
    </main>
  );
}

/** The post, and a way to take it off the page. */
function App(): ReactNode {
  const [isThere, setIsThere] = useState(true);
  return (
    <>
      <button onClick={() => setIsThere(!isThere)}>{isThere ? "leave" : "return"}</button>
      {isThere ? <Post /> : null}
    </>
  );
}

mountPage(<App />);
