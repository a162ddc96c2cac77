import assert from "node:assert/strict";
import { join } from "node:path";
import { silentLogger } from "../../server/logger.ts";
import { MemoryRooms } from "../../server/persistence/memory-rooms.ts";
import { describeOwner } from "../../server/persistence/room-owner.ts";
import type { RoomClaim, RoomStore } from "../../server/persistence/room-store.ts";
import { SqliteStore } from "../../server/persistence/sqlite-store.ts";
import { SyncError } from "../../shared/errors.ts";
import { ROOM_LEASE_MS } from "../../shared/limits.ts";
import { COMPACT_ROOM_URL, WallTime } from "../contracts/room-store-contract.ts";
import { manyBytes } from "../support/room-records.ts";
import { useSeededRandom, type SeededRandom } from "../support/seeded-random.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const STEPS = 250;
const ROOM_IDS = ["a", "b"];
const OWNERS = [
  describeOwner("server-1"),
  { ...describeOwner("server-2"), host: "elsewhere" },
  { ...describeOwner("server-3"), startedAt: "long ago" },
];

/** One of the two stores, with the claims that were made on it, in the order of their making. */
interface Side {
  rooms: RoomStore;
  readonly claims: RoomClaim[];
}

/** Something to do to both stores; what it returns has to be the same. */
type Step = (side: Side) => Promise<unknown>;

/** Thinks of steps: mostly what a room does, sometimes what it must not do. */
class RandomSteps {
  readonly #random: SeededRandom;
  readonly #time: WallTime;
  #claims = 0;
  #bytes = 0;

  constructor(random: SeededRandom, time: WallTime) {
    this.#random = random;
    this.#time = time;
  }

  next(): [what: string, step: Step] {
    const kinds: [weight: number, next: () => [string, Step]][] = [
      [4, () => this.#claim()],
      [16, () => this.#tick()],
      [2, () => this.#snapshot()],
      [3, () => this.#claimed("compact", (rooms, claim) => rooms.compactRoom(claim))],
      [2, () => this.#claimed("renew", (rooms, claim) => rooms.renewClaim(claim))],
      [1, () => this.#claimed("release", (rooms, claim) => rooms.releaseClaim(claim))],
      [3, () => this.#create()],
      [1, () => this.#delete()],
      [2, () => this.#wait()],
      [3, () => this.#readAudit()],
    ];
    let left = this.#random.integer(
      1,
      kinds.reduce((sum, [weight]) => sum + weight, 0),
    );
    const [, next] = kinds.find(([weight]) => (left -= weight) <= 0)!;
    return next();
  }

  #claim(): [string, Step] {
    const roomId = this.#random.pick(ROOM_IDS);
    const owner = this.#random.pick(OWNERS);
    this.#claims += 1;
    const step: Step = async ({ rooms, claims }) => {
      const claim = await rooms.claimRoom(roomId, owner);
      claims.push(claim);
      return claim.roomId;
    };
    return [`claim ${roomId} for ${owner.serverId}`, step];
  }

  /** Under one of the claims so far, mostly the newest. */
  #claimed(
    what: string,
    act: (rooms: RoomStore, claim: RoomClaim) => Promise<unknown>,
  ): [string, Step] {
    const back = this.#random.next() < 0.8 ? 1 : this.#random.integer(1, this.#claims + 1);
    const step: Step = async ({ rooms, claims }) => {
      const claim = claims.at(-back);
      return claim && act(rooms, claim);
    };
    return [`${what} under claim ${-back}`, step];
  }

  #record(tick: number): Parameters<RoomStore["appendTick"]>[1] {
    this.#bytes += 1;
    const length = this.#random.next() < 0.05 ? 300_000 : this.#random.integer(0, 40);
    const audit = Array.from({ length: this.#random.integer(0, 3) }, (_, index) => ({
      at: this.#time.now(),
      userId: `user-${index}`,
      name: "act",
      data: String(this.#bytes),
    }));
    const bytes = manyBytes(length).map((byte) => (byte + this.#bytes) & 0x7f);
    return { tick, bytes, openSeats: this.#random.integer(0, 5), audit };
  }

  #tick(): [string, Step] {
    const offset = this.#random.next() < 0.9 ? 1 : this.#random.integer(-1, 3);
    const record = this.#record(1);
    const [what, step] = this.#claimed("append", async (rooms, claim) => {
      const saved = await rooms.loadRoom(claim.roomId);
      const last = saved?.ticks.at(-1)?.tick ?? saved?.snapshot?.tick ?? 0;
      const tick = Math.max(1, last + offset);
      await rooms.appendTick(claim, { ...record, tick });
    });
    return [`${what} at +${offset}`, step];
  }

  #snapshot(): [string, Step] {
    const record = this.#record(this.#random.integer(1, 200));
    return this.#claimed(`save whole at ${record.tick}`, (rooms, claim) =>
      rooms.saveSnapshot(claim, record),
    );
  }

  #create(): [string, Step] {
    return this.#claimed("create", (rooms, claim) =>
      rooms.createRoom(claim, { roomId: claim.roomId, roomName: "Room", options: "{}" }),
    );
  }

  #delete(): [string, Step] {
    return this.#claimed("delete", (rooms, claim) => rooms.deleteRoom(claim));
  }

  #wait(): [string, Step] {
    const durationMs = this.#random.integer(1, ROOM_LEASE_MS);
    this.#time.advance(durationMs);
    return [`wait ${durationMs} ms`, () => Promise.resolve()];
  }

  #readAudit(): [string, Step] {
    const [limit, index] = [this.#random.integer(0, 12), this.#random.integer(0, 12)];
    const roomId = this.#random.pick(ROOM_IDS);
    const step: Step = async ({ rooms }) => {
      const before = (await rooms.loadAudit(roomId, 20))[index]?.position;
      const found = await rooms.loadAudit(roomId, limit, before);
      return found.map(({ at, userId, name, data }) => [at, userId, name, data]);
    };
    return [`read ${limit} of the audit log of ${roomId} from ${index} on`, step];
  }
}

/** What a step did, for comparison: its result or its refusal. */
async function outcomeOf(side: Side, step: Step): Promise<object> {
  try {
    return { result: await step(side) };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return { code: error.code, message: error.message, retryAfterMs: error.retryAfterMs };
  }
}

async function everythingOf({ rooms }: Side): Promise<unknown> {
  return [
    await rooms.listRooms(),
    ...(await Promise.all(ROOM_IDS.map((id) => rooms.loadRoom(id)))),
  ];
}

describe("SqliteRooms and MemoryRooms", () => {
  const folder = useTemporaryFolder();
  const random = useSeededRandom();

  for (let round = 1; round <= 3; round += 1) {
    it(`agree on whatever is done to them, and files on being reopened (${round})`, async () => {
      const clock = new WallTime();
      const bounds = { maxAuditEntries: 15, maxAgeMs: 120_000 };
      const options = { clock, logger: silentLogger, compactRoomUrl: COMPACT_ROOM_URL, ...bounds };
      const path = join(folder(), `model-${round}.db`);
      let store = new SqliteStore(path, options);
      const sides: [Side, Side] = [
        { rooms: new MemoryRooms(options), claims: [] },
        { rooms: store.rooms, claims: [] },
      ];
      const steps = new RandomSteps(random(), clock);
      const history: string[] = [];
      let saved = 0;
      for (let index = 0; index < STEPS; index += 1) {
        const [what, step] = steps.next();
        history.push(what);
        const [memory, sqlite] = [await outcomeOf(sides[0], step), await outcomeOf(sides[1], step)];
        const told = (): string => `${history.slice(-12).join("\n")}\nseed ${random().seed}`;
        assert.deepEqual(sqlite, memory, told());
        if (what.startsWith("append") && "result" in memory) saved += 1;
        assert.deepEqual(await everythingOf(sides[1]), await everythingOf(sides[0]), told());
        if (random().next() > 0.03) continue;
        history.push("reopen");
        await store.close();
        store = new SqliteStore(path, options);
        sides[1].rooms = store.rooms;
      }
      await store.close();
      assert.ok(saved > STEPS / 20, `only ${saved} of ${STEPS} steps saved a tick`);
    });
  }
});
