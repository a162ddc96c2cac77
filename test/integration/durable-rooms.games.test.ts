import assert from "node:assert/strict";
import { ArraySchema, schema, t, type SchemaType } from "@colyseus/schema";
import { z } from "zod";
import { connect } from "../../client/index.ts";
import { RoomImage } from "../../server/durability/room-image.ts";
import { rebuildState } from "../../server/durability/state/rebuild-state.ts";
import {
  createServer,
  intent,
  silentLogger,
  SyncRoom,
  type RealtimeServer,
} from "../../server/index.ts";
import { TEST_GUEST_SECRET } from "../../server/testing/create-test-server.ts";
import { grid } from "../../shared/state/grid-field.ts";
import { Grid } from "../../shared/state/grid.ts";
import { KeptStore } from "../support/kept-store.ts";
import { localRoom } from "../support/local-room.ts";
import { waitUntil } from "../support/wait-until.ts";
import { RecordedRoom } from "../unit/server/durability/recorded-room.ts";
import { contentOf } from "../unit/server/durability/state-content.ts";

const Row = schema({ cells: t.array("number") }, "GameRow");
const Thing = schema({ size: t.number().default(0), rows: t.array(Row) }, "GameThing");
const Sword = Thing.extend({ edge: t.int16().default(1) }, "GameSword");
const Game = schema(
  {
    rows: t.array(Row),
    things: t.map(Thing),
    list: t.array(Thing),
    crew: t.set(Thing),
    tags: t.set("string"),
    heap: t.collection("uint8"),
    chosen: t.ref(Thing).optional(),
    text: t.string().optional(),
    words: t.array("string"),
    board: grid({ width: 8, height: 8, colors: 4 }),
  },
  "Game",
);
type Game = SchemaType<typeof Game>;

/** What games do, one after the other; with `!` the server is another one behind it. */
const STEPS: Record<string, (state: Game, room: GameRoom) => unknown> = {
  "has arrays in arrays": ({ rows }) => {
    rows.push(new Row(), new Row());
    rows[0]!.cells.push(1, 2, 3);
    rows[0]!.cells.unshift(9);
  },
  "puts things and what extends them in a map": ({ things }) => {
    things.set("a", new Thing().assign({ size: 3 }));
    things.set("b", new Sword().assign({ edge: 7 }));
  },
  "! has one thing in many places": (state) => {
    const thing = state.things.get("a")!;
    state.list.push(thing, thing);
    state.crew.add(thing);
    state.chosen = thing;
  },
  "sets what is optional to undefined": (state) => state.assign({ chosen: undefined as never }),
  "and sets it again": (state) =>
    Object.assign(state, { chosen: state.things.get("b"), text: "x" }),
  "and once more to undefined": (state) => (state.text = undefined),
  "moves a thing to another place": ({ things, list }) => {
    const sword = things.get("b")!;
    things.delete("b");
    list.push(sword);
    things.set("c", sword);
  },
  "sorts and turns round": ({ words, list }) => {
    words.push("c", "a", "b");
    // oxlint-disable-next-line unicorn/no-array-sort -- in place is what is told
    words.sort();
    // oxlint-disable-next-line unicorn/no-array-reverse -- in place is what is told
    list.reverse();
  },
  "splices and puts in front": ({ words, list }) => {
    words.splice(1, 1, "q", "r");
    list.splice(0, 1);
    words.unshift("first");
    list.unshift(new Thing());
  },
  "adds to sets and collections": ({ tags, heap }) => {
    tags.add("x");
    tags.add("y");
    heap.add(1);
    heap.add(1);
  },
  "! clears a map": ({ things }) => things.clear(),
  "and fills it anew": ({ things }) => things.set("a", new Thing()),
  "gives itself a grid of another shape": (state) => {
    state.board.set(1, 1, 1);
    state.board = new Grid({ width: 5, height: 4, colors: 16 });
    state.board.set(4, 3, 15);
  },
  "gives itself another array": (state) => (state.words = new ArraySchema("n") as never),
  "clears its sets": ({ tags, crew }) => {
    tags.clear();
    crew.clear();
  },
  "has another state, in mid-life": (_state, room) => {
    room.state = new Game().assign({ text: "another" });
    room.state.things.set("z", new Thing());
  },
  "! goes on with it": (state) => state.assign({ text: "changed" }).words.push("w"),
  "has another state by setState": (_state, room) => {
    const state = new Game();
    state.board.set(2, 2, 2);
    room.setState(state);
  },
  "and goes on with that": ({ board, list }) => {
    board.set(3, 3, 3);
    list.push(new Sword());
  },
};

class GameRoom extends SyncRoom<{ state: Game }> {
  override state = new Game();
  override persistence = { key: "game" };
  override messages = {
    step: intent(z.string(), (_client, name) => {
      STEPS[name]!(this.state, this);
    }),
  };
}

const makeServer = (store: KeptStore): RealtimeServer<{ game: typeof GameRoom }> =>
  createServer({
    rooms: { game: GameRoom },
    store,
    guestSecret: TEST_GUEST_SECRET,
    logger: silentLogger,
  });

async function savedContent(store: KeptStore): Promise<unknown[]> {
  const { state } = RoomImage.read((await store.rooms.loadRoom("game"))!);
  return contentOf(new RecordedRoom(rebuildState(Game, state), state).state);
}

describe("a durable room", () => {
  it("has saved whatever its game did, and restores it for a page that stayed open", async function () {
    this.timeout(60_000);
    const store = new KeptStore();
    let server = makeServer(store);
    await server.listen(0, "127.0.0.1");
    const { port } = server;
    const realtime = connect<typeof server>(`ws://127.0.0.1:${port}`, {
      storage: null,
      random: () => 0,
    });
    try {
      const room = await realtime.join("game");
      for (const name of Object.keys(STEPS)) {
        await room.request("step", name);
        const { state } = localRoom(GameRoom, room);
        const content = contentOf(state);
        assert.deepEqual(await savedContent(store), content, name);
        assert.deepEqual(room.state.toJSON(), state.toJSON(), name);
        if (name.startsWith("!")) {
          await server.close();
          server = makeServer(store);
          await server.listen(port, "127.0.0.1");
          await waitUntil(() => room.isConnected, { timeoutMs: 20_000 });
          assert.deepEqual(contentOf(localRoom(GameRoom, room).state), content, name);
        }
        assert.equal(await room.verifyState(), true, name);
      }
    } finally {
      realtime.disconnect();
      await server.close();
    }
  });
});
