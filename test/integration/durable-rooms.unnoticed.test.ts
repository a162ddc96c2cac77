import assert from "node:assert/strict";
import { schema, t, type SchemaType } from "@colyseus/schema";
import { RoomImage } from "../../server/durability/room-image.ts";
import { readSavedState } from "../../server/durability/state/read-saved-state.ts";
import { SyncRoom } from "../../server/index.ts";
import { ROOM_LEASE_RENEWAL_MS } from "../../shared/limits.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { KeptStore } from "../support/kept-store.ts";
import { localRoom } from "../support/local-room.ts";
import { startTestServer } from "../support/start-test-server.ts";

const Bird = schema({ age: t.number().default(0) }, "UnnoticedBird");
const Sky = schema(
  {
    drift: t.number().default(0).unreliable(),
    seed: t.number().default(0).fullStateOnly(),
    rules: t.map("string").fullStateOnly(),
    flock: t.stream(Bird),
  },
  "UnnoticedSky",
);
type Sky = SchemaType<typeof Sky>;

class SkyRoom extends SyncRoom<{ state: Sky }> {
  override state = new Sky();
  override persistence = { key: "sky" };
}

describe("what changes the state of a durable room that sleeps, and is in no patch,", () => {
  /** What is saved of the state `waitMs` after the change, as plain data. */
  async function savedAfter(change: (sky: Sky) => unknown, waitMs: number): Promise<unknown> {
    const clock = new FakeClock();
    const store = new KeptStore(clock);
    await using server = await startTestServer({ rooms: { sky: SkyRoom }, store, clock });
    const room = localRoom(SkyRoom, await server.reserveSeat("sky"));
    room.state.flock.add(new Bird());
    await clock.advance(1_000);
    const ticks = room.ticksSoFar;
    await clock.advance(1_000);
    assert.equal(room.ticksSoFar, ticks, "it does not sleep");
    change(room.state);
    await clock.advance(waitMs);
    return readSavedState(RoomImage.read((await store.rooms.loadRoom("sky"))!).state);
  }

  const AT_ONCE: [what: string, change: (sky: Sky) => unknown, saved: object][] = [
    ["an unreliable field", (sky) => (sky.drift = 7), { drift: 7 }],
    ["what a stream gets", (sky) => sky.flock.add(new Bird()), { flock: 2 }],
    ["what leaves a stream", (sky) => sky.flock.remove([...sky.flock][0]!), { flock: 0 }],
  ];
  for (const [what, change, saved] of AT_ONCE) {
    it(`is saved with a tick that comes at once: ${what}`, async () => {
      assert.deepEqual(shortened(await savedAfter(change, 50)), { ...UNCHANGED, ...saved });
    });
  }

  const BEFORE_LONG: typeof AT_ONCE = [
    ["a field", (sky) => (sky.seed = 7), { seed: 7 }],
    ["a map's entry", (sky) => sky.rules.set("no", "rain"), { rules: [["no", "rain"]] }],
  ];
  for (const [what, change, saved] of BEFORE_LONG) {
    it(`is saved when the room's claim is renewed, if only full states have it: ${what}`, async () => {
      const state = await savedAfter(change, ROOM_LEASE_RENEWAL_MS);
      assert.deepEqual(shortened(state), { ...UNCHANGED, ...saved });
    });
  }
});

const UNCHANGED = { drift: 0, seed: 0, rules: [], flock: 1 };

function shortened(state: unknown): unknown {
  const { drift, seed, rules, flock } = state as Sky;
  return { drift, seed, rules: [...rules], flock: flock.length };
}
