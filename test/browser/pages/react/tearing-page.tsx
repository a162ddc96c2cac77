import { connect } from "atrium/client";
import { RealtimeProvider, useRoom, useRoomState, useTopic } from "atrium/client/react";
import { type ReactNode, startTransition, useEffect, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

/** What the parts of one committed page show: they have to agree. */
const seen = { torn: [] as string[], heard: [] as number[] };
Object.assign(globalThis, { seen });

const client = connect("/");

/** Takes so long to render that changes come in between. */
function Slow({ children }: { children: ReactNode }): ReactNode {
  const until = performance.now() + 2;
  while (performance.now() < until);
  return children;
}

function Part(): ReactNode {
  const round = useRoomState(useRoom("game", { match: "a" }), (state) => (state as Game).round);
  const { messages } = useTopic("ticks");
  useEffect(() => {
    const texts = new Set(Array.from(document.querySelectorAll("li"), (item) => item.textContent));
    if (texts.size > 1) seen.torn.push([...texts].join(" against "));
  });
  return (
    <Slow>
      <li>
        {round} {messages.length}
      </li>
    </Slow>
  );
}

interface Game {
  round: number;
}

/** Mounted in the middle of everything: hears from then on, and shows what the others do. */
function Late(): ReactNode {
  useTopic<{ message: number }>("ticks", { on: { message: ({ data }) => seen.heard.push(data) } });
  return <Part />;
}

function Page(): ReactNode {
  const [count, setCount] = useState(1);
  const add = (): void => {
    startTransition(() => setCount((before) => before + 3));
  };
  return (
    <main>
      <button onClick={add}>more</button>
      <ul>
        {Array.from({ length: count }, (_, index) =>
          index === 0 ? <Late key={index} /> : <Part key={index} />,
        )}
      </ul>
    </main>
  );
}

mountPage(
  <RealtimeProvider client={client}>
    <Page />
  </RealtimeProvider>,
);
