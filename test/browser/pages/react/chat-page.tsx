import { type ReactNode, useState } from "react";
import { RealtimeProvider, useConnectionStatus, usePresence, useTopic } from "atrium/client/react";
import { mountPage } from "../../../support/mount-page.tsx";

interface ChatEvents {
  message: { text: string };
  typing: { name: string };
}

const address = new URLSearchParams(location.search);
const name = address.get("name") ?? "Somebody";
const topic = address.get("topic") ?? "chat/main";

/** Counts what a test wants to know of the page. */
const counts = { renders: 0, heard: [] as string[], rejections: 0 };
Object.assign(globalThis, { counts });
addEventListener("unhandledrejection", () => (counts.rejections += 1));

function countRender(): void {
  counts.renders += 1;
}

function Chat(): ReactNode {
  const [typing, setTyping] = useState("");
  const chat = useTopic<ChatEvents>(topic, {
    history: 5,
    on: {
      message: ({ data }) => counts.heard.push(data.text),
      typing: (payload) => setTyping(payload.data.name),
    },
  });
  countRender();
  return (
    <section>
      <p id="topic-status">{chat.status}</p>
      <p id="typing">{typing}</p>
      {chat.error && <p role="alert">{chat.error.code}</p>}
      {chat.hasGap && <p id="gap">some messages are gone</p>}
      <ol>
        {chat.messages.map((message) => (
          <li key={message.id} data-self={message.self}>
            {message.event === "message" ? message.data.text : ""}
          </li>
        ))}
      </ol>
      <button onClick={() => void chat.publish("typing", { name }, { volatile: true })}>
        type
      </button>
      <button
        onClick={() => void chat.publish("message", { text: `from ${name}` }, { persist: true })}
      >
        send
      </button>
      {/* A name that no policy declares. */}
      <button onClick={() => void chat.publish("shout" as "message", { text: "HEY" })}>
        shout
      </button>
      {chat.hasOlder === true && <button onClick={() => void chat.loadOlder(5)}>older</button>}
    </section>
  );
}

function Members(): ReactNode {
  const { members } = usePresence(topic, { name });
  return <p id="members">{members.map((member) => member.name).join(", ")}</p>;
}

function Page(): ReactNode {
  const [round, setRound] = useState(0);
  const [isOpen, setOpen] = useState(true);
  const status = useConnectionStatus();
  return (
    <main>
      <p id="status">{status}</p>
      <button onClick={() => setRound((count) => count + 1)}>remount</button>
      <button onClick={() => setOpen((is) => !is)}>toggle</button>
      {isOpen && <Chat key={`chat ${round}`} />}
      {isOpen && <Members key={`members ${round}`} />}
    </main>
  );
}

mountPage(
  <RealtimeProvider>
    <Page />
  </RealtimeProvider>,
);
