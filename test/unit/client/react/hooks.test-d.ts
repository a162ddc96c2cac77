import { schema, type SchemaType, t } from "@colyseus/schema";
import { z } from "zod";
import { createHooks, usePresence, useTopic } from "../../../../client/react/index.ts";
import { createServer } from "../../../../server/create-server.ts";
import { intent } from "../../../../server/rooms/intent.ts";
import { SyncRoom } from "../../../../server/rooms/sync-room.ts";
import { grid } from "../../../../shared/state/grid-field.ts";
import type { Grid } from "../../../../shared/state/grid.ts";

// Compiled by `npm run types` and never run: a line below `@ts-expect-error` that compiles,
// or any other that does not, is a failed test.

type IsSame<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
declare function assertSame<One, Other>(isSame: IsSame<One, Other>): void;

const Player = schema({ name: t.string(), score: t.number() }, "Player");
const Game = schema(
  {
    players: t.map(Player),
    winners: t.array("string"),
    round: t.number(),
    board: grid({ width: 8, height: 8, colors: 8 }),
  },
  "Game",
);

class GameRoom extends SyncRoom<{ state: SchemaType<typeof Game> }> {
  override state = new Game();
  override persistence = { key: ({ match }: { match: string }) => match };
  override messages = {
    score: intent(z.object({ by: z.int() }), (_client, { by }) => ({ total: by })),
    clear: intent(z.undefined(), () => undefined),
  };
}

class Lobby extends SyncRoom<{ state: SchemaType<typeof Game> }> {
  override state = new Game();
}

export const server = createServer({ rooms: { game: GameRoom, lobby: Lobby } });

const { useRealtime, useRoom, useRoomState } = createHooks<typeof server>();

export async function useOfARoom(): Promise<void> {
  const game = useRoom("game", { match: "final" });
  useRoom("lobby");
  useRoom("lobby", {}, { on: { welcome: (_text: string) => undefined } });
  useRoom(null, { match: "final" });
  // @ts-expect-error there is no such room
  useRoom("gaem");
  // @ts-expect-error the room's key needs its options
  useRoom("game");
  // @ts-expect-error they are of another type
  useRoom("game", { match: 7 });

  assertSame<Awaited<ReturnType<typeof game.request<"score">>>, { total: number }>(true);
  await game.request("score", { by: 1 });
  game.send("clear");
  // @ts-expect-error there is no such message
  game.send("scoer", { by: 1 });
  // @ts-expect-error its payload is of another type
  void game.request("score", { by: "1" });

  const round = useRoomState(game, (state) => state.round);
  assertSame<typeof round, number | undefined>(true);
  const player = useRoomState(game, (state) => state.players.get("Anna"));
  assertSame<typeof player, { readonly name: string; readonly score: number } | undefined>(true);
  const winners = useRoomState(game, (state) => state.winners);
  assertSame<typeof winners, readonly string[] | undefined>(true);
  const names = useRoomState(game, (state) => [...state.players.values()].map(({ name }) => name));
  assertSame<typeof names, readonly string[] | undefined>(true);
  const board = useRoomState(game, (state) => state.board);
  assertSame<typeof board, Grid | undefined>(true);
  const players = useRoomState(game, (state) => state.players);
  const score: number | undefined = players?.get("Anna")?.score;
  // @ts-expect-error it is a copy: the state is the server's
  players?.set("Anna", score);
  // @ts-expect-error there is no such field
  useRoomState(game, (state) => state.rounds);

  await useRealtime().join("game", { match: "final" });
  // @ts-expect-error there is no such room
  await useRealtime().join("gaem");
}

interface ChatEvents {
  message: { text: string };
  typing: { name: string };
}

export function useOfATopic(): string[] {
  const chat = useTopic<ChatEvents>("chat/general", {
    history: 50,
    on: {
      typing: ({ data }) => assertSame<typeof data, { name: string }>(true),
      resync: ({ data }) => assertSame<typeof data.recovered, boolean>(true),
    },
  });
  void chat.publish("message", { text: "hi" }, { persist: true });
  // @ts-expect-error there is no such event
  void chat.publish("shout", { text: "hi" });
  // @ts-expect-error its data is of another type
  void chat.publish("typing", { text: "hi" });
  useTopic("anything", { on: { message: ({ data }) => assertSame<typeof data, unknown>(true) } });

  const { members } = usePresence("chat/general", { name: "Anna" });
  assertSame<(typeof members)[number]["name"], string>(true);
  // Events are told apart by their name.
  return chat.messages.map((message) =>
    message.event === "message" ? message.data.text : `${message.data.name} ${members.length}`,
  );
}
