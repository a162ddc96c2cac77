import assert from "node:assert/strict";
import { Room } from "@colyseus/core";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { z } from "zod";
import { intent, SyncRoom } from "../../server/index.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Player = schema({ hp: t.uint8().default(100), x: t.float32().default(0) }, "NumbersPlayer");
const Arena = schema(
  { round: t.uint16().default(0), players: t.map(Player), scores: t.array("int16") },
  "NumbersArena",
);
type Arena = SchemaType<typeof Arena>;
const Faulty = schema({ round: t.uint16().default(70_000) }, "NumbersFaulty");

const Amount = z.object({ amount: z.number() });

class ArenaRoom extends SyncRoom<{ state: Arena }> {
  override state = new Arena();
  /** What the next tick sets the round to. */
  nextRound: number | undefined;
  failures: unknown[] = [];
  override messages = {
    heal: intent(Amount, (_client, { amount }) => {
      this.state.players.get("ann")!.hp += amount;
    }),
    score: intent(Amount, { cooldownMs: 60_000 }, (_client, { amount }) => {
      this.state.scores.push(1, amount);
    }),
    later: intent(Amount, async (_client, { amount }) => {
      await Promise.resolve();
      this.state.round = amount;
    }),
    spawn: (_client: unknown, hp: number) => {
      const player = new Player();
      player.hp = hp;
      this.state.players.set("bob", player);
      return "spawned";
    },
  };

  override onCreate(): void {
    this.state.players.set("ann", new Player());
  }

  override onTick(): void {
    const round = this.nextRound;
    this.nextRound = undefined;
    this.state.scores[0] = 7;
    if (round !== undefined) this.state.round = round;
  }

  override onUncaughtException(error: Error): void {
    this.failures.push(error.cause);
  }
}

class PlainRoom extends Room<{ state: Arena }> {
  override state = new Arena();
  override messages = {
    advance: (_client: unknown, round: number) => {
      this.state.round = round;
    },
  };
}

class FaultyRoom extends SyncRoom {
  override state = new Faulty();
}

const ROOMS = { arena: ArenaRoom, plain: PlainRoom, faulty: FaultyRoom };

describe("a number that its type cannot hold", () => {
  let server: TestServer<typeof ROOMS>;

  beforeEach(async () => {
    server = await startTestServer({ rooms: ROOMS });
  });

  afterEach(() => server.close());

  it("is refused to the client that asked for it, with a typed error, and sets nothing", async () => {
    const [asking, watching] = [
      await server.connect().join("arena"),
      await server.connect().join("arena"),
    ];
    const words = /^NumbersPlayer\.hp cannot be 300: a uint8 is a whole number from 0 to 255$/;
    await assert.rejects(asking.request("heal", { amount: 200 }), {
      name: "SyncError",
      code: "out-of-range",
      message: words,
    });
    await assert.rejects(asking.request("heal", { amount: 0.5 }), { code: "out-of-range" });
    await assert.rejects(asking.request("later", { amount: -1 }), { code: "out-of-range" });
    await assert.rejects(asking.request("spawn", 256), { code: "out-of-range" });
    await asking.request("heal", { amount: 155 });
    await waitUntil(() => watching.state.players.get("ann")?.hp === 255);
    assert.deepEqual(
      [watching, asking].map(({ isConnected, state }) => [
        isConnected,
        state.players.size,
        state.round,
      ]),
      [
        [true, 1, 0],
        [true, 1, 0],
      ],
    );
    assert.equal(await asking.request("spawn", 1), "spawned");
  });

  it("starts no cooldown, and leaves nothing of the call that it was part of", async () => {
    const joined = await server.connect().join("arena");
    await waitUntil(() => joined.state.scores.length === 1);
    await assert.rejects(joined.request("score", { amount: 40_000 }), { code: "out-of-range" });
    assert.deepEqual(localRoom(ArenaRoom, joined).state.scores.toArray(), [7]);
    await joined.request("score", { amount: 32_767 });
    assert.deepEqual(joined.state.scores.toArray(), [7, 1, 32_767]);
  });

  it("ends the step that computed it, while the tick goes on with what was set before", async () => {
    const joined = await server.connect().join("arena");
    const room = localRoom(ArenaRoom, joined);
    room.nextRound = 65_536;
    await waitUntil(() => room.failures.length === 1);
    assert.equal((room.failures[0] as { code: string }).code, "out-of-range");
    room.nextRound = 65_535;
    await waitUntil(() => joined.state.round === 65_535);
    assert.deepEqual(joined.state.scores.toArray(), [7]);
  });

  it("keeps a state that holds it out of the room, which goes on with the one it had", async () => {
    const joined = await server.connect().join("arena");
    const room = localRoom(ArenaRoom, joined);
    const { state } = room;
    const other = new Arena();
    other.scores.push(99_999);
    assert.throws(() => (room.state = other), {
      code: "out-of-range",
      message: /^NumbersArena\.scores\[0\] cannot be 99999/,
    });
    assert.equal(room.state, state);
    state.round = 3;
    await waitUntil(() => joined.state.round === 3);
    const late = await server.connect().join("arena");
    assert.equal(late.state.round, 3);
    other.scores.clear();
    room.state = other;
    other.round = 4;
    await waitUntil(() => joined.state.round === 4 && late.state.round === 4);
    assert.throws(() => (other.round = -1), { code: "out-of-range" });
  });

  it("keeps a room from being made whose state begins with it, and no other", async () => {
    await assert.rejects(server.connect().join("faulty"), {
      code: "join-refused",
      message: /^NumbersFaulty\.round cannot be 70000/,
    });
    const joined = await server.connect().join("arena");
    assert.equal(joined.state.players.get("ann")?.hp, 100);
  });

  it("is as before in a plain room, also when a room of ours has the same classes", async () => {
    await server.connect().join("arena");
    const joined = await server.joinStock<Arena>("plain");
    joined.send("advance", 70_000);
    await waitUntil(() => joined.state.round === 70_000 - 65_536);
    assert.equal(localRoom(PlainRoom, joined).state.round, 70_000);
  });

  it("is refused to a stock client as well", async () => {
    const joined = await server.joinStock("arena");
    const refusal = await joined.request("heal", { amount: Infinity }).then(
      () => assert.fail("it was not refused"),
      (error: { reason: { code: string } }) => error.reason,
    );
    assert.equal(refusal.code, "payload-invalid");
    const other = await joined.request("heal", { amount: 1e9 }).then(
      () => assert.fail("it was not refused"),
      (error: { reason: { code: string } }) => error.reason,
    );
    assert.equal(other.code, "out-of-range");
  });
});
