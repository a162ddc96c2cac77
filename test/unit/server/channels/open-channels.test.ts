import assert from "node:assert/strict";
import { OpenChannels } from "../../../../server/channels/open-channels.ts";
import { MemoryStore } from "../../../../server/persistence/memory-store.ts";
import type { Store, TopicRecord } from "../../../../server/persistence/store.ts";
import { SyncError } from "../../../../shared/errors.ts";
import { IDLE_TOPIC_MS, MAX_LEFT_TOPICS } from "../../../../shared/limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { RecordedSubscriber } from "../../../support/recorded-subscriber.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

describe("OpenChannels", () => {
  let clock: FakeClock;
  let store: MemoryStore;
  let channels: OpenChannels;

  beforeEach(() => {
    clock = new FakeClock();
    store = new MemoryStore({ clock });
    channels = new OpenChannels(store, clock);
  });

  afterEach(() => channels.close());

  it("opens a topic once, however many ask for it at once", async () => {
    const opened = await Promise.all(["a", "a", "a"].map((topic) => channels.open(topic)));
    assert.equal(new Set(opened).size, 1);
    assert.equal(channels.size, 1);
    assert.equal(await channels.find("a"), opened[0]);
    assert.equal(await channels.find("b"), undefined);
  });

  it("refuses what is no topic, and keeps nothing of it", async () => {
    assert.equal((await refusalOf(() => channels.open("a b"))).code, "topic-invalid");
    assert.equal(channels.size, 0);
  });

  it("asks a store that failed again when the next one comes", async () => {
    const works = store.loadTopic.bind(store);
    store.loadTopic = () => Promise.reject(new SyncError("store-unavailable", "no disk"));
    assert.equal((await refusalOf(() => channels.open("a"))).code, "store-unavailable");
    store.loadTopic = works;
    assert.equal((await channels.open("a")).channel.topic, "a");
  });

  it("forgets topics that nobody has used for as long as a window reaches back", async () => {
    await channels.open("a");
    await clock.advance(IDLE_TOPIC_MS - 1);
    assert.equal(channels.size, 1);
    await channels.open("b");
    await clock.advance(1);
    assert.equal(await channels.find("a"), undefined);
    assert.notEqual(await channels.find("b"), undefined);
    await clock.advance(2 * IDLE_TOPIC_MS);
    assert.equal(channels.size, 0);
    assert.equal(clock.pendingTimers, 0);
  });

  it("keeps topics that somebody listens to or is present on", async () => {
    const session = new RecordedSubscriber("ada");
    const { channel: heard } = await channels.open("heard");
    heard.subscribe(session);
    const { channel: shown } = await channels.open("shown");
    shown.presence.track(session, {});
    await clock.advance(3 * IDLE_TOPIC_MS);
    assert.equal(channels.size, 2);
    heard.unsubscribe(session);
    shown.presence.untrack(session);
    await clock.advance(IDLE_TOPIC_MS);
    assert.equal(channels.size, 0);
  });

  it("keeps a topic while something is still to be done there", async () => {
    const { queue } = await channels.open("a");
    const work = Promise.withResolvers<void>();
    const working = queue.run(() => work.promise);
    await clock.advance(3 * IDLE_TOPIC_MS);
    assert.equal(channels.size, 1);
    work.resolve();
    await working;
    await clock.advance(IDLE_TOPIC_MS);
    assert.equal(channels.size, 0);
  });

  /** A topic with something stored, and something after it that was not. */
  async function openUnsettled(): Promise<TopicRecord["epoch"]> {
    const { channel, history } = await channels.open("a");
    const { epoch } = channel.log.position;
    const said = { id: "1", event: "message", data: "1", timestamp: clock.now() };
    await history.save({ ...said, offset: 1 }, epoch);
    channel.log.append(said, 1);
    await history.allowUnsaved(channel.log);
    channel.log.append({ ...said, id: "2" }, 1);
    return epoch;
  }

  it("finds a topic where it stood, also one of which nothing is stored", async () => {
    const { channel } = await channels.open("a");
    const said = { id: "1", event: "message", data: "1", timestamp: clock.now() };
    channel.log.append(said, 1);
    const { position } = channel.log;
    await clock.advance(10 * IDLE_TOPIC_MS);
    assert.equal(channels.size, 0);
    const { log } = (await channels.open("a")).channel;
    assert.deepEqual(log.position, position);
    assert.equal(log.since(position).recovered, true);
    assert.equal(log.since({ ...position, offset: 0 }).recovered, false);
  });

  it("finds a topic where it stood that could not be written down", async () => {
    const epoch = await openUnsettled();
    store.intercept(() => Promise.reject(new SyncError("store-unavailable", "disk full")));
    await clock.advance(IDLE_TOPIC_MS);
    store.intercept(() => Promise.resolve());
    assert.equal(channels.size, 0);
    const { channel, history } = await channels.open("a");
    assert.deepEqual(channel.log.position, { epoch, offset: 2 });
    await history.settle(channel.log);
    const record = await store.loadTopic("a");
    assert.deepEqual(record, { epoch, offset: 2, isComplete: true });
  });

  it("remembers of 10,000 topics where they stood, the latest ones", async () => {
    const epochs = new Map<string, string>();
    for (let at = 0; at <= MAX_LEFT_TOPICS; at += 1) {
      const { channel } = await channels.open(`topic-${at}`);
      epochs.set(channel.topic, channel.log.position.epoch);
    }
    await clock.advance(2 * IDLE_TOPIC_MS);
    assert.equal(channels.size, 0);
    const isKnown = async (topic: string): Promise<boolean> =>
      (await channels.open(topic)).channel.log.position.epoch === epochs.get(topic);
    assert.equal(await isKnown("topic-1"), true);
    assert.equal(await isKnown(`topic-${MAX_LEFT_TOPICS}`), true);
    assert.equal(await isKnown("topic-0"), false);
  });

  it("writes a topic down before it forgets it: who comes later finds its epoch", async () => {
    const epoch = await openUnsettled();
    await clock.advance(IDLE_TOPIC_MS);
    assert.equal(channels.size, 0);
    assert.deepEqual((await channels.open("a")).channel.log.position, { epoch, offset: 2 });
  });

  it("keeps a topic that somebody opens while it is written down", async () => {
    await openUnsettled();
    const gate = Promise.withResolvers<void>();
    store.intercept(() => gate.promise);
    await clock.advance(IDLE_TOPIC_MS);
    const before = await channels.find("a");
    await clock.advance(1);
    assert.equal(await channels.open("a"), before);
    gate.resolve();
    await clock.advance(0);
    assert.equal(await channels.find("a"), before);
  });

  it("closes a topic also when it cannot be written down: the next process begins another epoch", async () => {
    const epoch = await openUnsettled();
    store.intercept(() => Promise.reject(new SyncError("store-unavailable", "disk full")));
    await clock.advance(IDLE_TOPIC_MS);
    assert.equal(channels.size, 0);
    channels = new OpenChannels(store, clock);
    assert.notEqual((await channels.open("a")).channel.log.position.epoch, epoch);
  });

  it("sweeps on when a topic fails to open meanwhile", async () => {
    const loading = Promise.withResolvers<undefined>();
    const slow: Store["loadTopic"] = () => loading.promise;
    await channels.open("a");
    await clock.advance(IDLE_TOPIC_MS - 1);
    store.loadTopic = slow;
    const failing = channels.open("b");
    await clock.advance(1);
    loading.reject(new SyncError("store-unavailable", "no disk"));
    assert.equal((await refusalOf(() => failing)).code, "store-unavailable");
    await clock.advance(0);
    assert.equal(channels.size, 0);
  });

  it("opens nothing once it is closed", async () => {
    await channels.open("a");
    await channels.close();
    assert.equal((await refusalOf(() => channels.open("a"))).code, "closed");
    assert.equal(channels.size, 0);
    assert.equal(clock.pendingTimers, 0);
  });
});
