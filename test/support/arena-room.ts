import { schema, t, type SchemaType } from "@colyseus/schema";
import { z } from "zod";
import { intent, SyncRoom, type CreateContext, type RoomClient } from "../../server/index.ts";
import { grid } from "../../shared/state/grid-field.ts";

const Player = schema({ name: t.string(), score: t.number().default(0) }, "ArenaPlayer");
const Arena = schema(
  {
    players: t.map(Player),
    total: t.number().default(0),
    floor: grid({ width: 16, height: 16, colors: 16 }),
  },
  "Arena",
);
type Arena = SchemaType<typeof Arena>;

/** A durable room with a player for each session, for tests that end processes. */
export class ArenaRoom extends SyncRoom<{ state: Arena }> {
  override state = new Arena();
  override ticksPerSecond = 100;
  override persistence = { key: (options: { name: string }): string => options.name };
  readonly events: string[] = [];

  override messages = {
    /** Answers with the player's score. */
    score: intent(z.int(), { audit: true }, (client, by) => {
      const player = this.state.players.get(client.sessionId)!;
      player.score += by;
      this.state.total += by;
      this.state.floor.set(this.state.total % 16, 0, 1 + (this.state.total % 15));
      return player.score;
    }),
    wait: intent(z.null(), { cooldownMs: 60_000 }, () => {
      this.state.total += 1;
    }),
    shout: intent(z.string(), (_client, text) => this.publish("shout", text)),
    events: intent(z.null(), () => this.events),
  };

  override onCreate(_options: { name: string }, { restored }: CreateContext): void {
    this.events.push(restored ? "restored" : "created");
  }

  override onJoin(client: RoomClient): void {
    this.state.players.set(client.sessionId, new Player().assign({ name: client.user.name }));
    this.events.push("join");
  }

  override onReconnect(): void {
    this.events.push("reconnect");
  }

  override onLeave(client: RoomClient): void {
    this.state.players.delete(client.sessionId);
  }
}

/** Opens the admin API of an `ArenaServer`. */
export const ARENA_ADMIN_KEY = "arena-admin-key-0123456789";

export const arenaRooms = { arena: ArenaRoom };
