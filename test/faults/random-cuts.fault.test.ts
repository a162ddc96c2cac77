import assert from "node:assert/strict";
import { TransportWorld } from "../conformance/transport-world.ts";
import { MemoryDialer } from "../support/memory-dialer.ts";
import { useSeededRandom } from "../support/seeded-random.ts";
import { ClientFleet } from "./fleet/client-fleet.ts";
import { planCut } from "./fleet/planned-cut.ts";
import { ServerPublisher } from "./fleet/server-publisher.ts";
import { checkHistory } from "./support/check-history.ts";
import { lastOffsets } from "./support/history.ts";

// What `npm run test:faults` does, with fewer of everything and on a clock of its own.
const CLIENTS = 10;
const TOPICS = 5;
const ROUNDS = 150;
const ROUND_MS = 100;
const PER_ROUND = 4;
const ABSENCE_MS = 3_000;
/** More than the window of a topic holds. */
const BURST = 1_001;
/** After the longest delay before a rejoin, and once more for somebody who was just cut. */
const CALM_MS = 60_000;

describe("150 connections of 10 clients, cut at random", () => {
  const random = useSeededRandom();

  it("lose, double and reorder nothing, flag every gap, and show who is there", async () => {
    const transport = {
      name: "memory",
      dialer: (...server: ConstructorParameters<typeof MemoryDialer>) =>
        new MemoryDialer(...server),
    };
    await using world = await TransportWorld.open(transport);
    const { clock, server, url } = world;
    const dialer = transport.dialer(() => server.httpServer);
    const seed = random().seed % 1_000_000;
    const shape = { firstClient: 0, clients: CLIENTS, topics: TOPICS, topicsEach: 3 };
    using fleet = new ClientFleet({ url, seed, ...shape }, { clock, dialer });
    await world.until(() => fleet.isOpen);
    const publisher = new ServerPublisher(server);

    // Client 0 hears the server's topic.
    fleet.keepAway(0, ABSENCE_MS);
    for (let message = 0; message < BURST; message += 1) publisher.publish();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let message = 0; message < PER_ROUND; message += 1) fleet.publish();
      publisher.publish();
      fleet.track(random().integer(0, CLIENTS - 1));
      fleet.cut(planCut(random(), CLIENTS));
      await world.pass(ROUND_MS);
    }
    await world.done(publisher.stop());
    await world.pass(CALM_MS);
    await world.until(() => fleet.isSettled);
    const published = [...fleet.history().published, ...publisher.published];
    const ends = lastOffsets(published);
    await world.until(() => fleet.hasHeard(ends)).catch(() => undefined);

    const verdict = checkHistory({ published, subscriptions: fleet.history().subscriptions });
    const { lost, duplicated, reordered, unflaggedGaps, flaggedGaps } = verdict;
    assert.deepEqual([lost, duplicated, reordered, unflaggedGaps], [0, 0, 0, 0]);
    assert.ok(flaggedGaps >= 1, "client 0 was told of its gap");
    assert.ok(verdict.replayed > 0, "somebody was told what it had missed");
    assert.equal(verdict.published + verdict.refused, published.length);
    assert.deepEqual(fleet.presenceFaults(), []);
  });
});
