import { Room } from "@colyseus/core";
import { schema, type SchemaType, t } from "@colyseus/schema";
import { z } from "zod";
import { connect } from "../../../client/connect.ts";
import type { JoinedRoom } from "../../../client/joined-room.ts";
import { createServer } from "../../../server/create-server.ts";
import { intent } from "../../../server/rooms/intent.ts";
import { SyncRoom } from "../../../server/rooms/sync-room.ts";
import { grid } from "../../../shared/state/grid-field.ts";
import type { Grid } from "../../../shared/state/grid.ts";

// Compiled by `npm run types` and never run: a line below `@ts-expect-error` that compiles,
// or any other that does not, is a failed test.

type IsSame<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
declare function assertSame<One, Other>(isSame: IsSame<One, Other>): void;

const Place = schema(
  {
    canvas: grid({ width: 8, height: 8, colors: 8 }),
    owners: t.map("string"),
    painted: t.number(),
  },
  "Place",
);
type Place = SchemaType<typeof Place>;

class MiniPlace extends SyncRoom<{ state: Place }> {
  override state = new Place();
  override persistence = { key: (options: { board: string }) => options.board };
  override messages = {
    place: intent(
      z.object({ x: z.int(), y: z.int(), color: z.int() }),
      { cooldownMs: 5_000 },
      (_client, pixel) => ({ index: pixel.x + 8 * pixel.y }),
    ),
    rename: intent(z.string().transform(Number), async (_client, length) => length > 3),
    clear: intent(z.undefined(), () => undefined),
    // A stock handler counts too.
    shout: (_client: unknown, text: string) => text.length,
  };
}

class Quiet extends SyncRoom<{ state: Place }> {
  override state = new Place();
}

class Stock extends Room<{ state: Place }> {
  override state = new Place();
  override onJoin(_client: unknown, _options: { team: "red" | "blue" }): void {}
}

export const server = createServer({
  rooms: { "mini-place": MiniPlace, quiet: Quiet, stock: Stock },
});

export async function useOfAClient(): Promise<void> {
  const realtime = connect<typeof server>("ws://localhost:2567");
  const room = await realtime.join("mini-place", { board: "main" });
  assertSame<typeof room, JoinedRoom<MiniPlace>>(true);

  // States.
  assertSame<typeof room.state.canvas, Grid>(true);
  assertSame<typeof room.state.painted, number>(true);
  // @ts-expect-error: the state has no such field.
  void room.state.score;
  room.onStateChange((state) => void state.painted.toFixed());
  room.watch((state, callbacks) => {
    callbacks.onAdd("owners", (owner, key) => void `${owner.trim()} ${key}`);
    callbacks.listen("painted", (painted) => void painted.toFixed());
    // @ts-expect-error: the state has no such field.
    callbacks.listen("score", () => undefined);
    return () => void state.canvas;
  });

  // Names of rooms, and what they are joined with.
  // @ts-expect-error: the server has no such room.
  void realtime.join("maxi-place", { board: "main" });
  // @ts-expect-error: the room's key needs a board.
  void realtime.join("mini-place");
  // @ts-expect-error: a board is a string.
  void realtime.join("mini-place", { board: 5 });
  void realtime.join("quiet");
  void realtime.join("quiet", { anything: 1 });
  void realtime.join("stock", { team: "red" });
  // @ts-expect-error: there is no such team.
  void realtime.join("stock", { team: "green" });

  // Messages: names, payloads before validation, and replies.
  const reply = await room.request("place", { x: 1, y: 2, color: 3 });
  assertSame<typeof reply, { index: number }>(true);
  const isLong = await room.request("rename", "Ada", { timeoutMs: 500 });
  assertSame<typeof isLong, boolean>(true);
  const length = await room.request("shout", "hey");
  assertSame<typeof length, number>(true);
  await room.request("clear");
  room.send("place", { x: 1, y: 2, color: 3 });
  room.send("clear");
  // @ts-expect-error: the room takes no such message.
  void room.request("paint", { x: 1, y: 2, color: 3 });
  // @ts-expect-error: the color is missing.
  void room.request("place", { x: 1, y: 2 });
  // @ts-expect-error: the payload is missing.
  void room.request("place");
  // @ts-expect-error: the schema takes text, whatever it makes of it.
  void room.request("rename", 5);
  // @ts-expect-error: the room takes no such message.
  room.send("paint", {});

  const quiet = await realtime.join("quiet");
  // @ts-expect-error: this room takes no message at all.
  void quiet.request("place");

  room.onMessage<{ text: string }>("chat", (message) => void message.text.trim());
  room.onMessage("chat", (message) => {
    assertSame<typeof message, unknown>(true);
  });
}
