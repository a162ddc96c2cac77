import { connect } from "atrium/client";
import { type ReactNode, useEffect, useState } from "react";
import { mountPage } from "../../support/mount-page.tsx";

/** Counts what arrives on a channel, and how often it was mounted. */
function Counter(): ReactNode {
  const [news, setNews] = useState<readonly string[]>([]);
  const [mounts, setMounts] = useState(0);
  useEffect(() => {
    setMounts((count) => count + 1);
    const realtime = connect("/");
    const channel = realtime.channel("news");
    channel.on<string>("message", ({ data }) => setNews((heard) => [...heard, data]));
    channel.subscribe();
    void channel.ready.catch(() => undefined);
    return () => realtime.disconnect();
  }, []);
  return (
    <main>
      <p id="mounts">mounted {mounts} times</p>
      <ul>
        {news.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </main>
  );
}

mountPage(<Counter />);
