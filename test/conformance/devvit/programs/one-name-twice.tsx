import { ChannelStatus, useChannel } from "atrium/client/devvit";
import { type ReactNode, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

/** Two hooks of one name in one component, the second of which can leave. */
function Twice(): ReactNode {
  const [first, setFirst] = useState<readonly string[]>([]);
  const [second, setSecond] = useState<readonly string[]>([]);
  const one = useChannel<string>({
    name: "events",
    onMessage: (text) => setFirst((before) => [...before, text]),
  });
  const other = useChannel<string>({
    name: "events",
    onMessage: (text) => setSecond((before) => [...before, text]),
  });
  one.subscribe();
  other.subscribe();
  return (
    <main>
      <p>{one.status === ChannelStatus.Connected ? "first is there" : "…"}</p>
      <p>{other.status === ChannelStatus.Connected ? "second is there" : "second is gone"}</p>
      <p>first heard: {first.join(" ")}</p>
      <p>second heard: {second.join(" ")}</p>
      <button onClick={other.unsubscribe}>leave with the second</button>
    </main>
  );
}

mountPage(<Twice />);
