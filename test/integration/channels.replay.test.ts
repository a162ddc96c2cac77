import assert from "node:assert/strict";
import type { LimitOptions } from "../../server/limits/server-limits.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import type { Recovery, StreamPosition } from "../../shared/events/publication.ts";
import { MAX_REPLAY_BYTES } from "../../shared/limits.ts";
import type { SubscribeAnswer } from "../../shared/protocol/channel-messages.ts";
import { ChannelClient, StoppedServer } from "../support/channel-client.ts";
import { cutHubConnections } from "../support/cut-hub-connections.ts";
import { startTestServer, type TestServer } from "../support/start-test-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const TOPIC = "news/all";
const channels = { pattern: "news/*", publish: true } as const;
/** Nearly the whole window: 83 of 100 kB. */
const COUNT = 83;
const LARGE = "x".repeat(100_000);

describe("the replay of a whole window of 8 MiB", () => {
  let stopped: StoppedServer;
  let server: TestServer<RoomTable>;
  let ada: ChannelClient;
  let start: StreamPosition;

  async function open(limits: LimitOptions = {}): Promise<void> {
    stopped = await StoppedServer.start({ rooms: {}, channels, limits });
    ({ server } = stopped);
    ada = await ChannelClient.join(server);
    start = (await ada.ask("subscribe", { topic: TOPIC })).position;
    await ada.ask("unsubscribe", { topic: TOPIC });
    await publish(COUNT);
  }

  afterEach(() => stopped.close());

  async function publish(count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) await server.server.realtime.send(TOPIC, LARGE);
  }

  function ask(since: StreamPosition): Promise<SubscribeAnswer> {
    return ada.ask("subscribe", { topic: TOPIC, since }) as Promise<never>;
  }

  it("comes in answers of at most 256 KiB, in order, and nothing is live before the last", async () => {
    await open();
    const offsets: number[] = [];
    let answers = 0;
    for (let position = start, hasMore = true; hasMore; answers += 1) {
      const answer = await ask(position);
      offsets.push(...answer.publications.map(({ offset }) => offset!));
      ({ position, hasMore = false } = answer);
      // What is published meanwhile comes behind the rest.
      if (answers < 3) await server.server.realtime.send(TOPIC, answers);
    }
    assert.equal(answers, Math.ceil(COUNT / 2));
    const expected = Array.from({ length: COUNT + 3 }, (_, at) => at + 1);
    assert.deepEqual(offsets, expected);
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), []);
    const largest = Math.max(...ada.frames.frames.map(({ bytes }) => bytes.byteLength));
    assert.ok(largest <= MAX_REPLAY_BYTES, `${largest} bytes`);
    await server.server.realtime.send(TOPIC, "live");
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), ["live"]);
  });

  it("says that something is gone where the window moved on meanwhile", async () => {
    await open();
    const { position, hasMore } = await ask(start);
    assert.equal(hasMore, true);
    await publish(10);
    const { recovered, publications } = await ask(position);
    assert.deepEqual([recovered, publications], [false, []]);
    await server.server.realtime.send(TOPIC, "live");
    await ada.settle();
    assert.deepEqual(ada.heard(TOPIC), ["live"]);
  });

  it("is limited in bytes for each session, which is told how long to wait", async () => {
    await open({ session: { replayBytes: { perSecond: 100_000, burst: 1_000_000 } } });
    const position = { ...start, offset: COUNT - 2 };
    let asked = 0;
    for (; asked < 20; asked += 1) {
      const { status } = await ada.frames.operation("subscribe", { topic: TOPIC, since: position });
      if (status === 1) break;
    }
    assert.equal(asked, 4);
    const given = { topic: TOPIC, since: position };
    const { code, message, retryAfterMs } = await ada.refusal("subscribe", given);
    assert.equal(code, "rate-limited");
    assert.match(message, /bytes of missed publications of one session/);
    await stopped.clock.advance(retryAfterMs!);
    await ask(position);
    // Who starts anew is told nothing again, and may.
    await ada.ask("subscribe", { topic: TOPIC });
  });
});

describe("a client that comes back to a whole window of 8 MiB", () => {
  it("hears everything once and in order, and what is live behind it", async () => {
    await using server = await startTestServer({ rooms: {}, channels });
    const realtime = server.connect({ random: () => 0 });
    const heard: number[] = [];
    const recoveries: Recovery[] = [];
    const channel = realtime.channel(TOPIC);
    channel.on("message", ({ offset }) => heard.push(offset!));
    channel.on("recovery", ({ data }) => recoveries.push(data));
    channel.track({ at: "home" }).catch(() => {});
    await channel.subscribe().ready;
    await server.server.realtime.send(TOPIC, "before");
    await waitUntil(() => heard.length === 1, { what: "the first is heard" });
    await cutHubConnections();
    await waitUntil(() => realtime.status === "reconnecting", { what: "the loss is noticed" });
    for (let at = 0; at < COUNT; at += 1) await server.server.realtime.send(TOPIC, LARGE);
    await waitUntil(() => recoveries.length === 1, { what: "it has recovered" });
    await server.server.realtime.send(TOPIC, "live");
    await waitUntil(() => heard.length >= COUNT + 2, { what: "everything is heard" });
    const expected = Array.from({ length: COUNT + 2 }, (_, at) => at + 1);
    assert.deepEqual(heard, expected);
    assert.deepEqual(recoveries, [{ topic: TOPIC, recovered: true, replayed: COUNT }]);
    assert.equal(channel.presenceState().size, 1);
  });
});
