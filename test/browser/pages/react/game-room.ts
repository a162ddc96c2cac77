import { schema, type SchemaType, t } from "@colyseus/schema";
import { z } from "zod";
import type { RealtimeServer } from "../../../../server/realtime-server.ts";
import { intent } from "../../../../server/rooms/intent.ts";
import { SyncRoom } from "../../../../server/rooms/sync-room.ts";
import type { RoomClient } from "../../../../server/transport/websocket-client.ts";
import { SyncError } from "../../../../shared/errors.ts";

const Player = schema({ name: t.string(), score: t.number().default(0) }, "Player");
const Game = schema(
  { players: t.map(Player), round: t.number().default(0), winners: t.array("string") },
  "Game",
);
type Game = SchemaType<typeof Game>;

/** A room in which everything changes on purpose, and by itself nothing does. */
export class GameRoom extends SyncRoom<{ state: Game }> {
  override state = new Game();
  override messages = {
    score: intent(z.object({ name: z.string(), by: z.int() }), (_client, { name, by }) => {
      const player = this.state.players.get(name) ?? new Player();
      player.name = name;
      player.score += by;
      this.state.players.set(name, player);
      return player.score;
    }),
    nextRound: intent(z.undefined(), () => {
      this.state.round += 1;
    }),
    win: intent(z.string(), (_client, name) => {
      this.state.winners.push(name);
      this.broadcast("won", { name });
    }),
    cheat: intent(z.undefined(), () => {
      throw new SyncError("not-allowed", "nobody cheats here");
    }),
  };

  override onJoin(client: RoomClient, options: { match: string }): void {
    client.send("welcome", { match: options.match });
  }
}

/** For the page's types: what `typeof server` is to an application. */
export type GameServer = RealtimeServer<{ game: typeof GameRoom }>;
