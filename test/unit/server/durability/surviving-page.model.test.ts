import assert from "node:assert/strict";
import { StateView } from "@colyseus/schema";
import { runCount } from "../../../support/run-count.ts";
import { SeededRandom, useSeededRandom } from "../../../support/seeded-random.ts";
import { Battle, partsOf, STEPS } from "../../shared/state/checked-battle.ts";
import { fullWorld, mutate } from "../../shared/state/checked-world.ts";
import { RecordedRoom } from "./recorded-room.ts";
import { contentOf } from "./state-content.ts";
import { SurvivingPage } from "./surviving-page.ts";

/** Worlds that are tried. */
const RUNS = runCount(80, 5_000);
const TICKS = 15;

describe("a page that was open when its room was killed", () => {
  const random = useSeededRandom();

  it(`goes on with the rebuilt state, tick by tick (${RUNS} worlds)`, function () {
    this.timeout(RUNS * 600);
    for (let run = 0; run < RUNS; run++) {
      const dice = new SeededRandom(random().integer(0, 2 ** 32 - 1));
      let room = new RecordedRoom(fullWorld(dice));
      room.tick();
      const pages = [new SurvivingPage(room)];
      const states = pages.map(({ state }) => state);
      for (let tick = 0; tick < TICKS; tick++) {
        const where = `world ${dice.seed}, tick ${tick}`;
        mutate(room.state, dice);
        const frame = room.tick([undefined]).get(undefined)!;
        // A tick that was saved and did not get through is in the full state.
        const isKilled = dice.next() < 0.2;
        if (!isKilled || dice.next() < 0.5) for (const page of pages) page.apply(frame);
        if (isKilled) {
          if (dice.next() < 0.5) room.compact();
          const killed = room;
          room = killed.restart();
          assert.deepEqual(contentOf(room.state), contentOf(killed.state), where);
          for (const page of pages) page.moveTo(room, []);
        }
        for (const page of pages) {
          const [server, client] = page.checksums();
          assert.deepEqual(client, server, where);
        }
        if (dice.next() < 0.1) pages.push(new SurvivingPage(room));
      }
      assert.equal(pages[0]!.state, states[0], "the page's state is another object");
    }
  });

  it(`goes on with a view of what it saw (${RUNS} worlds)`, function () {
    this.timeout(RUNS * 600);
    for (let run = 0; run < RUNS; run++) {
      const dice = new SeededRandom(random().integer(0, 2 ** 32 - 1));
      let room = new RecordedRoom(new Battle());
      room.tick();
      const pages = [undefined, new StateView(), new StateView()].map(
        (view) => new SurvivingPage(room, view),
      );
      for (let tick = 0; tick < TICKS; tick++) {
        const where = `battle ${dice.seed}, tick ${tick}`;
        for (let steps = dice.integer(0, 8); steps > 0; steps--) {
          const { view } = dice.pick(pages.slice(1));
          dice.pick(STEPS)(room.state, dice, view!);
        }
        const frames = room.tick(pages.map(({ view }) => view));
        for (const page of pages) page.apply(frames.get(page.view)!);
        if (dice.next() < 0.2) {
          if (dice.next() < 0.5) room.compact();
          const killed = room;
          room = killed.restart();
          assert.deepEqual(contentOf(room.state), contentOf(killed.state), where);
          for (const page of pages) page.moveTo(room, partsOf(killed.state));
        }
        if (dice.next() < 0.1) pages.push(new SurvivingPage(room, new StateView()));
        for (const page of pages) {
          const [server, client] = page.checksums();
          assert.deepEqual(client, server, where);
        }
      }
    }
  });
});
