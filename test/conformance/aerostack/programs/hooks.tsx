import { AerostackProvider, useAerostack, useAuth } from "atrium/client/aerostack";
import { type ReactNode, useEffect, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

/** Counts how often its effect runs, and everything that it hears of one event. */
function Probe(): ReactNode {
  const { realtime } = useAerostack();
  const { user } = useAuth();
  const [runs, setRuns] = useState(0);
  const [heard, setHeard] = useState<number[]>([]);
  const [renders, setRenders] = useState(0);

  useEffect(() => {
    setRuns((count) => count + 1);
    const channel = realtime.channel("room/probe");
    channel.track({ userId: user.id });
    channel.on<number>("count", ({ data }) => setHeard((all) => [...all, data]));
    channel.subscribe();
    return () => {
      channel.untrack();
      channel.unsubscribe();
    };
  }, [realtime, user]);

  return (
    <>
      <p id="runs">{runs}</p>
      <p id="user">{user.name}</p>
      <p id="heard">{heard.length}</p>
      <p id="sum">{heard.reduce((sum, each) => sum + each, 0)}</p>
      <button onClick={() => setRenders(renders + 1)}>Render {renders}</button>
    </>
  );
}

/** `?strict` mounts twice; the button puts a new component in the place of the old one. */
function Page(): ReactNode {
  const [key, setKey] = useState(0);
  return (
    <>
      <Probe key={key} />
      <button onClick={() => setKey(key + 1)}>Remount {key}</button>
    </>
  );
}

mountPage(
  <AerostackProvider>
    <Page />
  </AerostackProvider>,
  { strict: location.search === "?strict" },
);
