import assert from "node:assert/strict";
import { type StateChecksum, stateChecksum } from "../../../../shared/state/state-checksum.ts";
import type { StateScope } from "../../../../shared/state/state-scope.ts";
import { runCount } from "../../../support/run-count.ts";
import { SeededRandom, useSeededRandom } from "../../../support/seeded-random.ts";
import { RecordedRoom } from "./recorded-room.ts";
import { Kept, mutate, World } from "./recorded-world.ts";
import { contentOf } from "./state-content.ts";

/** Worlds that are tried. */
const RUNS = runCount(80, 5_000);

/** All of it, whoever sees it: what is public of a part in two places, upstream may forget. */
const EVERYTHING: StateScope = {
  isHidden: () => false,
  includes: () => true,
  isOrdered: () => true,
};

function checksum(state: World): StateChecksum {
  return stateChecksum(state, EVERYTHING);
}

describe("a recorded state", () => {
  const random = useSeededRandom();

  it(`is rebuilt exactly at any tick, wherever it was compacted (${RUNS} worlds)`, function () {
    this.timeout(RUNS * 600);
    for (let run = 0; run < RUNS; run++) {
      const { seed } = new SeededRandom(random().integer(0, 2 ** 32 - 1));
      let room = new RecordedRoom(new World());
      const dice = new SeededRandom(seed);
      const kept = new Kept();
      for (let tick = dice.integer(1, 25); tick > 0; tick--) {
        mutate(room.state, dice, kept);
        room.tick();
        if (dice.next() < 0.1) room.compact();
        // Somebody joins, in the middle of the next tick's changes too.
        const isOpen = dice.next() < 0.1;
        if (isOpen) mutate(room.state, dice, kept);
        if (dice.next() < 0.3) room.fullState(undefined);
        if (isOpen || dice.next() < 0.8) continue;
        const again = room.restart();
        const where = `world ${seed}, ${tick} ticks left`;
        assert.deepEqual(contentOf(again.state), contentOf(room.state), where);
        assert.deepEqual(checksum(again.state), checksum(room.state), where);
        assert.equal(again.encoder.root.changes.next, undefined, where);
        assert.equal(again.save(), undefined, where);
        if (dice.next() < 0.5) continue;
        // From here on the game only knows what was rebuilt.
        room = again;
        kept.units.length = 0;
      }
    }
  });

  it(`goes on as if nothing had been (${RUNS} worlds)`, function () {
    this.timeout(RUNS * 600);
    for (let run = 0; run < RUNS; run++) {
      const { seed } = new SeededRandom(random().integer(0, 2 ** 32 - 1));
      const dice = new SeededRandom(seed);
      const room = new RecordedRoom(new World());
      for (let tick = 0; tick < 8; tick++) {
        mutate(room.state, dice);
        room.tick();
      }
      if (dice.next() < 0.5) room.compact();
      const again = room.restart();
      const [one, other] = [new SeededRandom(seed), new SeededRandom(seed)];
      for (let tick = 0; tick < 8; tick++) {
        mutate(room.state, one);
        mutate(again.state, other);
        room.tick();
        again.tick();
        const where = `world ${seed}, tick ${tick}`;
        assert.deepEqual(contentOf(again.state), contentOf(room.state), where);
        if (tick % 4 !== 3) continue;
        assert.deepEqual(contentOf(again.restart().state), contentOf(room.state), where);
      }
    }
  });
});
