import assert from "node:assert/strict";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { z } from "zod";
import { intent, SyncError, SyncRoom } from "../../server/index.ts";
import { grid } from "../../shared/state/grid-field.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";

const Board = schema(
  { canvas: grid({ width: 4, height: 4, colors: 8 }), title: t.string().default("") },
  "IntentBoard",
);
type Board = SchemaType<typeof Board>;
const Cell = z.object({ x: z.int(), y: z.int(), color: z.int() });

class BoardRoom extends SyncRoom<{ state: Board }> {
  override state = new Board();
  override messages = {
    place: intent(Cell, { cooldownMs: 5_000 }, (_client, { x, y, color }) => {
      this.state.canvas.set(x, y, color);
    }),
    rename: intent(z.string(), { cooldownMs: 5_000 }, (_client, title) => {
      this.state.title = title;
    }),
    cheer: intent(z.object({}), { cooldownMs: 5_000 }, () => {
      this.broadcast("cheer");
    }),
    poke: intent(z.object({}), { rateLimit: { count: 2, windowMs: 1_000 } }, () => "ok"),
    refuse: intent(z.object({}), { cooldownMs: 5_000 }, () => {
      throw new SyncError("join-refused", "not here");
    }),
  };
}

interface Rejection {
  reason: { code: string; message: string; retryAfterMs?: number };
}

describe("an intent", () => {
  const clock = new FakeClock();

  /** A board on the fake clock, ticking by itself because time never stops for it. */
  async function joinBoard(): Promise<{
    ask: (type: string, payload?: unknown) => Promise<unknown>;
    refusal: (type: string, payload?: unknown) => Promise<Rejection["reason"]>;
    room: BoardRoom;
    [Symbol.asyncDispose](): Promise<void>;
  }> {
    const server = await startTestServer({ rooms: { board: BoardRoom }, clock });
    const ticking = setInterval(() => clock.advanceSync(0), 1);
    const joined = await server.joinStock("board");
    joined.onMessage("cheer", () => {});
    const room = localRoom(BoardRoom, joined);
    const ask = async (type: string, payload: unknown = {}): Promise<unknown> => {
      const answer = joined.request(type, payload);
      // A tick's period has passed by the time the next one is due.
      const moving = setInterval(() => clock.advanceSync(50), 1);
      try {
        return await answer;
      } finally {
        clearInterval(moving);
      }
    };
    const refusal = (type: string, payload?: unknown): Promise<Rejection["reason"]> =>
      ask(type, payload).then(
        () => assert.fail(`"${type}" was not refused`),
        (error: Rejection) => error.reason,
      );
    return {
      ask,
      refusal,
      room,
      async [Symbol.asyncDispose]() {
        clearInterval(ticking);
        await server.close();
      },
    };
  }

  it("waits for its cooldown on the server's clock, and is told how long", async () => {
    await using board = await joinBoard();
    await board.ask("place", { x: 0, y: 0, color: 1 });
    const { code, retryAfterMs } = await board.refusal("place", { x: 0, y: 1, color: 1 });
    assert.equal(code, "cooldown");
    assert.ok(retryAfterMs! > 0 && retryAfterMs! <= 5_000);
    clock.advanceSync(retryAfterMs!);
    await board.ask("place", { x: 0, y: 1, color: 1 });
    assert.equal(board.room.state.canvas.get(0, 1), 1);
  });

  it("starts no cooldown when it changed nothing, in a grid or in a field", async () => {
    await using board = await joinBoard();
    await board.ask("place", { x: 2, y: 2, color: 0 });
    await board.ask("place", { x: 2, y: 2, color: 3 });
    await board.ask("rename", "");
    await board.ask("rename", "a board");
    assert.equal(board.room.state.canvas.get(2, 2), 3);
    assert.equal(board.room.state.title, "a board");
  });

  it("starts its cooldown when all that it did was to send something", async () => {
    await using board = await joinBoard();
    await board.ask("cheer");
    assert.equal((await board.refusal("cheer")).code, "cooldown");
  });

  it("starts no cooldown when it was refused", async () => {
    await using board = await joinBoard();
    assert.equal((await board.refusal("place", { x: 0 })).code, "payload-invalid");
    assert.equal((await board.refusal("refuse")).code, "join-refused");
    assert.equal((await board.refusal("refuse")).code, "join-refused");
    await board.ask("place", { x: 0, y: 0, color: 1 });
  });

  it("is limited in number by its rate limit, whatever comes of it", async () => {
    await using board = await joinBoard();
    await board.ask("poke");
    await board.ask("poke");
    const { code, retryAfterMs } = await board.refusal("poke");
    assert.equal(code, "rate-limited");
    clock.advanceSync(retryAfterMs!);
    assert.equal(await board.ask("poke"), "ok");
  });

  it("answers a value outside the grid as a failed handler, and the room goes on", async () => {
    await using board = await joinBoard();
    for (const cell of [
      { x: 4, y: 0, color: 1 },
      { x: -1, y: 0, color: 1 },
      { x: 0, y: 0, color: 8 },
    ]) {
      assert.equal((await board.refusal("place", cell)).code, "handler-failed");
    }
    await board.ask("place", { x: 3, y: 3, color: 7 });
  });
});
