import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { Protocol } from "@colyseus/shared-types";
import { z } from "zod";
import { intent, SyncRoom, type RoomClient } from "../../server/index.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import { CloseCode } from "../../shared/protocol/close-codes.ts";
import { KeptStore } from "../support/kept-store.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const Town = schema({ houses: t.map("string"), mayor: t.string().default("") }, "RestartTown");
type Town = SchemaType<typeof Town>;

class TownRoom extends SyncRoom<{ state: Town }> {
  override state = new Town();
  override persistence: SyncRoom["persistence"] & object = { key: "town" };
  applied = 0;
  override messages = {
    build: intent(z.string(), { cooldownMs: 60_000, audit: true }, (client, plot) => {
      this.applied += 1;
      this.state.houses.set(plot, client.user.name);
      return { house: this.state.houses.size };
    }),
  };
}

/** What the room was saved with is gone; houses are a list now. */
const NewTown = schema({ plots: t.array("string") }, "RestartTown");
type NewTown = SchemaType<typeof NewTown>;

class NewTownRoom extends SyncRoom<{ state: NewTown }> {
  override state = new NewTown();
  override persistence: SyncRoom["persistence"] & object = { key: "town" };
}

describe("a durable room after a restart", () => {
  let store: KeptStore;
  beforeEach(() => {
    store = new KeptStore();
  });

  /** One process after the other: runs `visit` with a server of its own. */
  async function serve<Result>(
    rooms: RoomTable,
    visit: (server: TestServer<RoomTable>) => Promise<Result>,
  ): Promise<Result> {
    await using server = await startTestServer({ rooms, store });
    return await visit(server);
  }

  /** Builds one house, as one and the same guest; returns the guest's token. */
  async function build(): Promise<string> {
    return serve({ town: TownRoom }, async (server) => {
      const client = await server.joinFrames("town");
      const reply = await client.intent("build", "a1", "intent-1");
      assert.deepEqual(reply.payload, { house: 1 });
      return client.seat.identity.token!;
    });
  }

  it("gives an intent that comes again its first reply, and applies it once", async () => {
    const token = await build();
    await serve({ town: TownRoom }, async (server) => {
      const client = await server.joinFrames("town", {}, { token });
      // Not the cooldown that a second one would meet.
      const again = await client.intent("build", "a1", "intent-1");
      assert.deepEqual([again.status, again.payload], [0, { house: 1 }]);
      assert.equal(localRoom(TownRoom, client.seat).applied, 0);
      const other = await client.intent("build", "a2", "intent-2");
      assert.equal((other.payload as { code: string }).code, "cooldown");
    });
  });

  it("has its audit log: who, when and what, newest first", async () => {
    await build();
    await serve({ town: TownRoom }, async (server) => {
      const client = await server.joinFrames("town");
      const [entry, ...others] = await localRoom(TownRoom, client.seat).readAudit();
      assert.deepEqual(others, []);
      assert.deepEqual([entry?.name, entry?.payload], ["build", "a1"]);
      assert.match(entry?.user.name ?? "", /^Guest /);
      assert.ok(Math.abs(Date.now() - entry!.at) < 60_000);
    });
  });

  it("is refused, and left as it is, when its schema is another one", async () => {
    await build();
    const before = store.rooms.read("town");
    await serve({ town: NewTownRoom }, async (server) => {
      const seat = await server.reserveSeat("town");
      assert.equal(seat.sync?.code, "state-incompatible");
    });
    assert.deepEqual(store.rooms.read("town"), before);
    await serve({ town: TownRoom }, async (server) => {
      const client = await server.joinFrames("town");
      assert.equal((client.state as Town).houses.size, 1);
    });
  });

  it("is refused when it was saved in an older version and nobody says how to migrate it", async () => {
    class NextTownRoom extends TownRoom {
      override persistence = { key: "town", version: 2 };
    }
    await build();
    await serve({ town: NextTownRoom }, async (server) => {
      const seat = await server.reserveSeat("town");
      assert.equal(seat.sync?.code, "state-incompatible");
    });
  });

  it("is made by migrate out of what an older version saved, and is of the new one from then on", async () => {
    class MigratedTownRoom extends NewTownRoom {
      override persistence = {
        key: "town",
        version: 2,
        migrate: (old: { houses: Map<string, string> }, version: number): NewTown => {
          assert.equal(version, 1);
          const town = new NewTown();
          town.plots.push(...old.houses.keys());
          return town;
        },
      };
    }
    await build();
    for (const visit of ["migrated", "restored"]) {
      // oxlint-disable-next-line no-await-in-loop -- one process after the other
      await serve({ town: MigratedTownRoom }, async (server) => {
        const client = await server.joinFrames("town");
        assert.deepEqual((client.state as NewTown).plots.toArray(), ["a1"], visit);
      });
    }
  });

  it("is left as it is, and free, when migrate fails", async () => {
    class FailingTownRoom extends NewTownRoom {
      override persistence = {
        key: "town",
        version: 2,
        migrate: (): NewTown => {
          throw new Error("no plots");
        },
      };
    }
    await build();
    const before = store.rooms.read("town");
    await serve({ town: FailingTownRoom }, async (server) => {
      const { sync } = await server.reserveSeat("town");
      assert.deepEqual(
        [sync?.code, sync?.message],
        ["state-incompatible", 'migrate() of room "town" failed: no plots'],
      );
    });
    assert.deepEqual(store.rooms.read("town"), before);
    await serve({ town: TownRoom }, async (server) => {
      const client = await server.joinFrames("town");
      assert.equal((client.state as Town).houses.size, 1);
    });
  });

  it("is left as it is, and free, by a class that keeps nothing any more", async () => {
    class ForgetfulRoom extends SyncRoom<{ state: Town }> {
      override state = new Town();
    }
    await build();
    await serve({ town: ForgetfulRoom }, async (server) => {
      const client = await server.joinFrames("town");
      assert.equal((client.state as Town).houses.size, 0);
    });
    await serve({ town: TownRoom }, async (server) => {
      const client = await server.joinFrames("town");
      assert.equal((client.state as Town).houses.size, 1);
    });
  });

  it("is left as it is when migrate returns a state of another class", async () => {
    class WrongTownRoom extends NewTownRoom {
      override persistence = { key: "town", version: 2, migrate: (): Town => new Town() };
    }
    await build();
    const before = store.rooms.read("town");
    await serve({ town: WrongTownRoom }, async (server) => {
      const seat = await server.reserveSeat("town");
      assert.equal(seat.sync?.code, "state-incompatible");
      assert.match(seat.sync?.message ?? "", /migrate\(\) of room "town" returned/);
    });
    assert.deepEqual(store.rooms.read("town"), before);
  });

  it("is left as it is when its code fails while it is made", async () => {
    class FailingTownRoom extends TownRoom {
      override onCreate(): void {
        this.state.houses.clear();
        throw new Error("not today");
      }
    }
    await build();
    const before = store.rooms.read("town");
    await serve({ town: FailingTownRoom }, async (server) => {
      const seat = await server.reserveSeat("town");
      assert.equal(seat.sync?.code, "join-refused");
    });
    assert.deepEqual(store.rooms.read("town"), before);
  });

  it("is left as it is when its code fails in the end, however many ticks it had", async () => {
    class LateTownRoom extends TownRoom {
      override async onCreate(): Promise<void> {
        const first = this.ticksSoFar;
        await waitUntil(() => this.ticksSoFar > first + 3);
        throw new Error("not today");
      }
      override onTick({ tick }: { tick: number }): void {
        this.state.mayor = `mayor ${tick}`;
      }
    }
    await build();
    const before = store.rooms.read("town");
    await serve({ town: LateTownRoom }, async (server) => {
      assert.equal((await server.reserveSeat("town")).sync?.code, "join-refused");
    });
    assert.deepEqual(store.rooms.read("town"), before);
  });

  it("gives a seat to nobody for the hash that the store has of its token", async () => {
    const saved = await serve({ town: TownRoom }, async (server) => {
      const client = await server.joinFrames("town");
      const token = client.reconnectionToken!;
      const { identity, sessionId, roomId } = client.seat;
      return { token, identity, sessionId, roomId };
    });
    await serve({ town: TownRoom }, async (server) => {
      const room = localRoom(TownRoom, saved);
      const { createHash } = await import("node:crypto");
      const hash = createHash("sha256").update(saved.token).digest("base64url");
      const reclaim = (reconnectionToken: string): ReturnType<typeof server.reserveSeat> =>
        server.reserveSeat(
          saved.roomId,
          { reconnectionToken },
          {
            method: "reconnect",
            token: saved.identity.token!,
          },
        );
      for (const forged of [hash, `sha256:${hash}`, saved.sessionId, ""]) {
        // oxlint-disable-next-line no-await-in-loop -- each on its own
        assert.notEqual((await reclaim(forged)).status, 200, forged);
      }
      assert.equal((await reclaim(saved.token)).sessionId, saved.sessionId);
      assert.equal(room.clients.length, 0);
    });
  });

  it("holds no seat for who left on purpose, when that was the last and the room closed", async () => {
    await serve({ town: TownRoom }, async (server) => {
      const client = await server.joinFrames("town");
      client.send(Uint8Array.of(Protocol.LEAVE_ROOM));
      await client.waitForClose();
      await waitUntil(async () => (await matchMaker.query({ name: "town" })).length === 0);
      assert.deepEqual(
        (await store.rooms.listRooms()).map(({ openSeats }) => openSeats),
        [0],
      );
      const again = await server.joinFrames("town");
      assert.equal(localRoom(TownRoom, again.seat).clients.length, 1);
      const [listing] = await matchMaker.query({ name: "town" });
      assert.equal(listing?.clients, 1);
    });
  });

  it("begins anew when it was erased", async () => {
    await serve({ town: TownRoom }, async (server) => {
      const client = await server.joinFrames("town");
      await client.intent("build", "a1", "intent-1");
      await localRoom(TownRoom, client.seat).erase();
      assert.equal((await client.waitForClose()).code, CloseCode.CONSENTED);
      assert.deepEqual(await store.rooms.listRooms(), []);
      const again = await server.joinFrames("town");
      assert.equal((again.state as Town).houses.size, 0);
    });
  });

  it("lets a game decide how long a seat waits, as for any broken connection", async () => {
    const dropped: string[] = [];
    class StrictRoom extends TownRoom {
      override onJoin(client: RoomClient): void {
        this.state.mayor = client.sessionId;
      }
      override onDrop(client: RoomClient): void {
        dropped.push(client.sessionId);
      }
      override onLeave(): void {
        this.state.mayor = "";
      }
    }
    const sessionId = await serve({ town: StrictRoom }, async (server) => {
      const client = await server.joinFrames("town");
      return client.seat.sessionId;
    });
    dropped.length = 0;
    await serve({ town: StrictRoom }, async (server) => {
      await waitUntil(() => dropped.length > 0);
      assert.deepEqual(dropped, [sessionId]);
      const client = await server.joinFrames("town");
      assert.equal((client.state as Town).mayor, client.seat.sessionId);
    });
  });
});
