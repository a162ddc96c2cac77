import assert from "node:assert/strict";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { SyncRoom } from "../../server/rooms/sync-room.ts";
import { localRoom } from "../support/local-room.ts";
import { useSeededRandom, type SeededRandom } from "../support/seeded-random.ts";
import { startTestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Player = schema(
  {
    name: t.string(),
    x: t.number(),
    y: t.float32(),
    lives: t.uint8(),
    isReady: t.boolean(),
    tags: t.array("string"),
    bag: t.map("number"),
  },
  "StockPlayer",
);
type Player = SchemaType<typeof Player>;

const World = schema(
  {
    /** Counts the changes, so that a client can tell which state of the server it has. */
    version: t.uint32().default(0),
    players: t.map(Player),
    ranking: t.array(Player),
    log: t.array("string"),
    scores: t.map("number"),
    leader: t.ref(Player).optional(),
  },
  "StockWorld",
);
type World = SchemaType<typeof World>;

class WorldRoom extends SyncRoom<{ state: World }> {
  override state = new World();
}

type Change = (state: World, random: SeededRandom) => void;

function newPlayer(random: SeededRandom): Player {
  return new Player().assign({
    name: `player ${random.integer(0, 999)}`,
    x: random.integer(-1_000, 1_000),
    y: random.integer(-500, 500) / 4,
    lives: random.integer(0, 255),
    isReady: random.next() < 0.5,
  });
}

function somePlayer(state: World, random: SeededRandom): Player {
  const players = [...state.players.values()];
  return players.length > 0 ? random.pick(players) : newPlayer(random);
}

/** Whatever a game may do to built-in types. */
const CHANGES: Change[] = [
  (state, random) => state.players.set(`p${random.integer(0, 20)}`, newPlayer(random)),
  (state, random) => state.players.delete(`p${random.integer(0, 20)}`),
  (state, random) => (somePlayer(state, random).x = random.integer(-1e6, 1e6)),
  (state, random) => (somePlayer(state, random).y = random.integer(-1e3, 1e3) / 8),
  (state, random) => (somePlayer(state, random).name = "é日😀".repeat(random.integer(0, 20))),
  (state, random) => (somePlayer(state, random).lives = random.integer(0, 255)),
  (state, random) => (somePlayer(state, random).isReady = random.next() < 0.5),
  (state, random) => somePlayer(state, random).tags.push(`tag ${random.integer(0, 99)}`),
  (state, random) => void somePlayer(state, random).tags.pop(),
  (state, random) =>
    somePlayer(state, random).bag.set(`b${random.integer(0, 9)}`, random.integer(-99, 99)),
  (state, random) => somePlayer(state, random).bag.delete(`b${random.integer(0, 9)}`),
  (state, random) => state.ranking.push(newPlayer(random)),
  (state) => void state.ranking.shift(),
  (state, random) => state.log.push(`line ${random.integer(0, 1e9)}`),
  (state) => void state.log.pop(),
  (state, random) => {
    if (state.log.length > 0) state.log[random.integer(0, state.log.length - 1)] = "replaced";
  },
  (state, random) => state.scores.set(`s${random.integer(0, 50)}`, random.integer(-9, 9)),
  (state, random) => state.scores.delete(`s${random.integer(0, 50)}`),
  (state, random) => {
    if (random.next() < 0.1) state.scores.clear();
  },
  (state, random) => (state.leader = random.next() < 0.8 ? newPlayer(random) : undefined),
];

/** The state as text; the order of a map's keys is not synced. */
function textOf(state: World): string {
  return JSON.stringify(sorted(JSON.parse(JSON.stringify(state))));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

describe("a stock SDK client in a SyncRoom of stock types", () => {
  const random = useSeededRandom();

  it("is in step after every patch of 1,000 random changes, whenever it joined", async () => {
    await using server = await startTestServer({ rooms: { world: WorldRoom } });
    const first = await server.joinStock<World>("world");
    const room = localRoom(WorldRoom, first);
    /** The server's state at the end of each tick, by its version. */
    const history = new Map([[0, textOf(room.state)]]);
    const checks: { compared: number; wrong: string[] }[] = [];
    const follow = (client: typeof first): void => {
      const check = { compared: 0, wrong: [] as string[] };
      checks.push(check);
      client.onStateChange((state) => {
        const expected = history.get(state.version);
        check.compared += 1;
        if (textOf(state) !== expected) check.wrong.push(`version ${state.version}`);
      });
    };
    follow(first);

    const clients = [first];
    while (room.state.version < 1_000) {
      for (let i = random().integer(1, 12); i > 0 && room.state.version < 1_000; i -= 1) {
        random().pick(CHANGES)(room.state, random());
        room.state.version += 1;
      }
      history.set(room.state.version, textOf(room.state));
      room.broadcastPatch();
      // Lets the sockets have their turn: frames and acknowledgements pass each other.
      await new Promise((resolve) => setImmediate(resolve));
      if (clients.length < 5 && room.state.version > clients.length * 150) {
        const client = await server.joinStock<World>("world");
        follow(client);
        clients.push(client);
      }
    }

    assert.equal(clients.length, 5);
    const expected = textOf(room.state);
    for (const [index, client] of clients.entries()) {
      await waitUntil(() => textOf(client.state) === expected, {
        what: `client ${index} has the server's state`,
      });
      assert.deepEqual(checks[index]?.wrong, []);
      assert.ok((checks[index]?.compared ?? 0) > 5);
    }
  });
});
