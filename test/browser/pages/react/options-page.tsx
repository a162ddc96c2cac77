import { connect } from "atrium/client";
import { RealtimeProvider, usePresence, useRealtime, useRoom, useTopic } from "atrium/client/react";
import { type ReactNode, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

const own = connect("/");
Object.assign(globalThis, { own });

/** A channel that the room's connection carries, and a topic that comes and goes. */
function Page(): ReactNode {
  const [match, setMatch] = useState("a");
  const [topic, setTopic] = useState<string | null>(null);
  const game = useRoom("game", { match });
  const beside = useTopic<{ message: string }>("table/1", { room: game });
  const { members } = usePresence("table/1", { match }, { room: game });
  const chosen = useTopic<{ message: string }>(topic);
  return (
    <section>
      <p id="match">{`${match} ${game.room?.sessionId}`}</p>
      <p id="beside">{`${beside.status}: ${beside.messages.map(({ data }) => data).join(" ")}`}</p>
      <p id="members">{members.map((member) => member.match).join(" ")}</p>
      <p id="chosen">{`${chosen.status}: ${chosen.messages.map(({ data }) => data).join(" ")}`}</p>
      {chosen.error && <p role="alert">{chosen.error.code}</p>}
      <button onClick={() => void chosen.publish("message", "nowhere")}>publish</button>
      <button onClick={() => setMatch(match === "a" ? "b" : "a")}>match</button>
      <button onClick={() => setTopic("news/1")}>news 1</button>
      <button onClick={() => setTopic("news/2")}>news 2</button>
      <button onClick={() => setTopic(null)}>none</button>
    </section>
  );
}

function Who(): ReactNode {
  const { user } = useRealtime();
  const { messages } = useTopic<{ message: string }>("news/1");
  return (
    <p id="who">
      {user?.id} heard {messages.length}
    </p>
  );
}

function App(): ReactNode {
  const [token, setToken] = useState("anna-1");
  const [isOwn, setOwn] = useState(false);
  return (
    <main>
      <button onClick={() => setToken("anna-2")}>token</button>
      <button onClick={() => setOwn((is) => !is)}>own</button>
      {isOwn ? (
        <RealtimeProvider client={own} token="ben-1">
          <Who />
        </RealtimeProvider>
      ) : (
        <RealtimeProvider token={token}>
          <Who />
          <Page />
        </RealtimeProvider>
      )}
    </main>
  );
}

mountPage(<App />);
