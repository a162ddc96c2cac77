import { createHooks, type RoomView } from "atrium/client/react";
import type { RoomOf } from "atrium/client";
import { Component, memo, type ReactNode, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";
import type { GameServer as Server } from "./game-room.ts";

const { RealtimeProvider, useConnectionStatus, useRoom, useRoomState } = createHooks<Server>();
type Game = RoomView<RoomOf<Server, "game">>;

const counts = { renders: {} as Record<string, number>, heard: [] as string[], rejections: 0 };
Object.assign(globalThis, { counts });
addEventListener("unhandledrejection", () => (counts.rejections += 1));

function countRender(of: string): void {
  counts.renders[of] = (counts.renders[of] ?? 0) + 1;
}

const match = new URLSearchParams(location.search).get("match") ?? "final";

function Round({ game }: { game: Game }): ReactNode {
  const round = useRoomState(game, (state) => state.round);
  countRender("round");
  return <p id="round">{round}</p>;
}

const Row = memo(function Row({ player }: { player: { name: string; score: number } }): ReactNode {
  countRender(`row ${player.name}`);
  return (
    <li>
      {player.name} {player.score}
    </li>
  );
});

function Scores({ game }: { game: Game }): ReactNode {
  const players = useRoomState(game, (state) => state.players);
  countRender("scores");
  return (
    <ol>
      {[...(players?.values() ?? [])].map((player) => (
        <Row key={player.name} player={player} />
      ))}
    </ol>
  );
}

/** A second asker for the same seat. */
function Seat(): ReactNode {
  const { room } = useRoom("game", { match });
  const winners = useRoomState(useRoom("game", { match }), ({ winners: all }) => all.join(", "));
  return (
    <p id="seat" data-session={room?.sessionId}>
      {winners}
    </p>
  );
}

function Broken({ game }: { game: Game }): ReactNode {
  const [isBroken, setBroken] = useState(false);
  useRoomState(game, (state) => {
    if (isBroken) throw new Error(`no selector for round ${state.round}`);
    return 0;
  });
  return <button onClick={() => setBroken(true)}>break</button>;
}

class Boundary extends Component<{ children: ReactNode }, { message: string }> {
  override state = { message: "" };
  static getDerivedStateFromError(error: Error): { message: string } {
    return { message: error.message };
  }
  override render(): ReactNode {
    return this.state.message === "" ? (
      this.props.children
    ) : (
      <p id="caught">{this.state.message}</p>
    );
  }
}

function Board(): ReactNode {
  const game = useRoom(
    "game",
    { match },
    {
      on: {
        welcome: (message: { match: string }) => counts.heard.push(`welcome ${message.match}`),
        won: (message: { name: string }) => counts.heard.push(`won ${message.name}`),
      },
    },
  );
  countRender("board");
  return (
    <section>
      <p id="room-status">{game.status}</p>
      {game.error && <p role="alert">{game.error.code}</p>}
      <Round game={game} />
      <Scores game={game} />
      <Seat />
      <Boundary>
        <Broken game={game} />
      </Boundary>
      <button onClick={() => void game.request("score", { name: "Anna", by: 1 })}>anna</button>
      <button onClick={() => game.send("score", { name: "Ben", by: 1 })}>ben</button>
      <button onClick={() => game.send("nextRound")}>next</button>
      <button onClick={() => game.send("cheat")}>cheat</button>
      <button onClick={() => void game.request("cheat")}>cheat and wait</button>
      <button onClick={game.retry}>retry</button>
    </section>
  );
}

function Page(): ReactNode {
  const [key, setKey] = useState(0);
  const [isOpen, setOpen] = useState(true);
  const status = useConnectionStatus();
  return (
    <main>
      <p id="status">{status}</p>
      <button onClick={() => setKey((count) => count + 1)}>remount</button>
      <button onClick={() => setOpen((is) => !is)}>toggle</button>
      {isOpen && <Board key={key} />}
    </main>
  );
}

function App(): ReactNode {
  const [isOpen, setOpen] = useState(true);
  return (
    <>
      <button onClick={() => setOpen((is) => !is)}>provider</button>
      {isOpen && (
        <RealtimeProvider>
          <Page />
        </RealtimeProvider>
      )}
    </>
  );
}

mountPage(<App />);
