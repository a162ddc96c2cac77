import { AerostackProvider, type ConnectionStatus, useAerostack } from "atrium/client/aerostack";
import { type ReactNode, useEffect, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

const COLORS: Record<ConnectionStatus, string> = {
  connected: "green",
  connecting: "yellow",
  reconnecting: "orange",
  disconnected: "red",
  idle: "gray",
};

/** The connection in a word and a colour, with every one there was so far. */
function ConnectionIndicator(): ReactNode {
  const { realtime } = useAerostack();
  const [status, setStatus] = useState<ConnectionStatus>("idle");

  useEffect(() => {
    const unsub = realtime.onStatusChange((newStatus) => {
      setStatus(newStatus);
    });
    return unsub;
  }, [realtime]);

  useEffect(() => record(`${status} ${COLORS[status]}`), [status]);

  return (
    <span id="status" style={{ color: COLORS[status] }}>
      {status}
    </span>
  );
}

function Switch(): ReactNode {
  const { realtime } = useAerostack();
  const [hasConnected, setHasConnected] = useState(false);
  const turnOn = async (): Promise<void> => {
    await realtime.connect();
    setHasConnected(realtime.status === "connected");
  };
  return (
    <>
      <button onClick={() => void turnOn()}>Connect</button>
      <button onClick={() => realtime.disconnect()}>Disconnect</button>
      {hasConnected && <p>Connected by hand</p>}
    </>
  );
}

/** Adds what is shown to the page's log, once: StrictMode runs every effect twice. */
function record(shown: string): void {
  const { dataset } = document.body;
  const log = dataset["log"]?.split(", ") ?? [];
  if (log.at(-1) !== shown) dataset["log"] = [...log, shown].join(", ");
}

mountPage(
  <AerostackProvider>
    <ConnectionIndicator />
    <Switch />
  </AerostackProvider>,
);
