import { Devvit, useChannel } from "atrium/client/devvit";
import { type ReactNode, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

Devvit.configure({
  realtime: true,
});

/** A post that hears a channel, with all three handlers, subscribed where it renders. */
function Post(): ReactNode {
  const [latest, setLatest] = useState("nothing yet");
  const [mode, setMode] = useState("offline");

  const channel = useChannel({
    name: "events",
    onMessage: (data) => {
      setLatest(JSON.stringify(data));
    },
    onSubscribed: () => {
      setMode("live");
    },
    onUnsubscribed: () => {
      setMode("fallback");
    },
  });

  channel.subscribe();

  return (
    <p>
      {mode}: {latest}
    </p>
  );
}

mountPage(<Post />);
