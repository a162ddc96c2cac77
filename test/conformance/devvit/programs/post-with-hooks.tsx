import { ChannelStatus, useChannel } from "atrium/client/devvit";
import { type ReactNode, useEffect, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

/** What Blocks calls `useInterval`: runs while it is started. */
function useInterval(run: () => void, everyMs: number): { start(): void; stop(): void } {
  const [isRunning, setIsRunning] = useState(false);
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(run, everyMs);
    return () => clearInterval(timer);
  }, [isRunning, run, everyMs]);
  return { start: () => setIsRunning(true), stop: () => setIsRunning(false) };
}

/** What Blocks calls `useAsync`: loading, and then what came of it. */
function useAsync(load: () => Promise<string>): { loading: boolean; data: string | undefined } {
  const [data, setData] = useState<string>();
  useEffect(() => {
    let isWanted = true;
    void load().then((loaded) => isWanted && setData(loaded));
    return () => {
      isWanted = false;
    };
  }, [load]);
  return { loading: data === undefined, data };
}

const loadTitle = async (): Promise<string> => await (await fetch("/api/title")).text();

function Post({ toast }: { toast: (text: string) => void }): ReactNode {
  const [seconds, setSeconds] = useState(0);
  const [tick] = useState(() => () => setSeconds((before) => before + 1));
  const clock = useInterval(tick, 1_000);
  const title = useAsync(loadTitle);
  const channel = useChannel<string>({ name: "events", onMessage: (text) => toast(text) });
  channel.subscribe();
  return (
    <article>
      <h1>{title.loading ? "…" : title.data}</h1>
      <p>{channel.status === ChannelStatus.Connected ? "connected" : "connecting"}</p>
      <p>{seconds} seconds</p>
      <button onClick={clock.start}>start</button>
      <button onClick={clock.stop}>stop</button>
    </article>
  );
}

/** The menu with "create post", and the toast that confirms it. */
function Subreddit(): ReactNode {
  const [posts, setPosts] = useState<readonly number[]>([]);
  const [message, setMessage] = useState("");
  const createPost = (): void => {
    setPosts((before) => [...before, before.length + 1]);
    setMessage("post created");
  };
  return (
    <main>
      <button onClick={createPost}>create post</button>
      <output>{message}</output>
      {posts.map((id) => (
        <Post key={id} toast={setMessage} />
      ))}
    </main>
  );
}

mountPage(<Subreddit />);
