import { AerostackProvider, useAerostack } from "atrium/client/aerostack";
import { type ReactNode, useEffect, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

interface Line {
  id: string;
  user: string;
  text: string;
}

/** Shows what is said in a room, and who is typing. */
function ChatRoom({ roomId }: { roomId: string }): ReactNode {
  const { realtime } = useAerostack();
  const [lines, setLines] = useState<Line[]>([]);
  const [typist, setTypist] = useState("");

  useEffect(() => {
    const channel = realtime.channel(`chat/${roomId}`);
    channel
      .on("message", ({ data }) => {
        setLines((said) => [...said, data]);
      })
      .on("typing", ({ data }) => {
        setTypist(data.user);
      })
      .subscribe((status) => (document.body.className = status));
    return () => channel.unsubscribe();
  }, [realtime, roomId]);

  return (
    <>
      <ol>
        {lines.map(({ id, user, text }) => (
          <li key={id}>
            {user}: {text}
          </li>
        ))}
      </ol>
      {typist !== "" && <p>{typist} is typing</p>}
    </>
  );
}

mountPage(
  <AerostackProvider>
    <ChatRoom roomId="general" />
  </AerostackProvider>,
);
