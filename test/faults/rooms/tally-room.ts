import { schema, t, type SchemaType } from "@colyseus/schema";
import { z } from "zod";
import { intent, SyncRoom, type RoomClient } from "../../../server/index.ts";
import { grid } from "../../../shared/state/grid-field.ts";

/** Marks of one player: so many that none ever runs out of them. */
const ROWS_PER_PLAYER = 40;
const WIDTH = 256;
export const MARKS_PER_PLAYER = ROWS_PER_PLAYER * WIDTH;
export const PLAYERS_PER_ROOM = 10;
const MOST_COUNTED = 15;

const Player = schema(
  {
    slot: t.uint8(),
    /** Marks that were made, the last of them, and how many came behind a later one. */
    made: t.uint32().default(0),
    last: t.int32().default(-1),
    late: t.uint32().default(0),
  },
  "TallyPlayer",
);

const Tally = schema(
  {
    /** By user: whoever loses its seat finds its marks again. */
    players: t.map(Player),
    /** How often each mark of each player was made. */
    marks: grid({
      width: WIDTH,
      height: ROWS_PER_PLAYER * PLAYERS_PER_ROOM,
      colors: MOST_COUNTED + 1,
    }),
    /** Of marks, in the order in which they were made. */
    order: t.uint32().default(0),
    ticks: t.uint32().default(0),
  },
  "Tally",
);
export type Tally = SchemaType<typeof Tally>;

/** What the room tells everybody of a mark. */
export interface Marked {
  readonly order: number;
  readonly slot: number;
  readonly mark: number;
}

/** Where it is counted how often the player of a slot made a mark. */
export function cellOf(slot: number, mark: number): [x: number, y: number] {
  return [mark % WIDTH, slot * ROWS_PER_PLAYER + Math.floor(mark / WIDTH)];
}

/**
 * A durable room that counts how often everything was done that was ever asked of it, and
 * tells everybody. Each player makes the marks 0, 1, 2 …
 */
export class TallyRoom extends SyncRoom<{ state: Tally }> {
  override state = new Tally();
  override ticksPerSecond = 20;
  override persistence = { key: ({ name }: { name: string }): string => name };

  override messages = {
    /** Answers with the mark's place in the order of all. */
    mark: intent(
      z
        .int()
        .min(0)
        .max(MARKS_PER_PLAYER - 1),
      { audit: true },
      (client, mark) => {
        const player = this.state.players.get(client.user.id)!;
        const [x, y] = cellOf(player.slot, mark);
        this.state.marks.set(x, y, Math.min(MOST_COUNTED, this.state.marks.get(x, y) + 1));
        player.made += 1;
        if (mark < player.last) player.late += 1;
        player.last = Math.max(mark, player.last);
        this.state.order += 1;
        this.publish("marked", { order: this.state.order, slot: player.slot, mark });
        return this.state.order;
      },
    ),
  };

  override onJoin(client: RoomClient): void {
    const { players } = this.state;
    if (players.has(client.user.id)) return;
    players.set(client.user.id, new Player().assign({ slot: players.size }));
  }

  override onTick(): void {
    this.state.ticks += 1;
  }
}

/** The same at a pace at which two cores carry thousands of players, with the players themselves. */
export class CalmTallyRoom extends TallyRoom {
  override ticksPerSecond = 2;
}

export const tallyRooms = { tally: TallyRoom, "calm-tally": CalmTallyRoom };
