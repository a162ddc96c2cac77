import assert from "node:assert/strict";
import { ChannelHub } from "../../../../server/channels/channel-hub.ts";
import {
  ChannelAuthority,
  type ChannelPolicy,
} from "../../../../server/channels/channel-policy.ts";
import { ChannelSession } from "../../../../server/channels/channel-session.ts";
import { MemoryStore } from "../../../../server/persistence/memory-store.ts";
import type { RoomClient } from "../../../../server/transport/websocket-client.ts";
import { PRESENCE_INTERVAL_MS } from "../../../../shared/limits.ts";
import type { Identity } from "../../../../shared/protocol/hello.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { RecordedSubscriber } from "../../../support/recorded-subscriber.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

const TOPIC = "chat/general";

/** What a session needs of its client, with the frames that it got. */
class StubClient extends RecordedSubscriber {
  user: Identity;

  constructor(id: string) {
    super(id);
    this.user = { id, name: id };
  }

  enqueueRaw(frame: Uint8Array): void {
    this.deliver(frame);
  }

  renew(user: Identity): void {
    this.user = user;
  }
}

/** As payloads travel. */
const text = (value: unknown): string => JSON.stringify(value);

describe("ChannelSession", () => {
  let clock: FakeClock;
  let hub: ChannelHub;
  let client: StubClient;
  let session: ChannelSession;
  /** Every permission, in the order in which they were asked for; each waits for its verdict. */
  let asked: { action: string; user: Identity; decide: (verdict: boolean) => void }[];

  beforeEach(() => open([{ pattern: "**", publish: true }]));

  function open(policies: readonly ChannelPolicy[]): void {
    clock = new FakeClock();
    hub = new ChannelHub(new ChannelAuthority(policies), new MemoryStore({ clock }), clock);
    client = new StubClient("ada");
    session = new ChannelSession(hub, client as unknown as RoomClient);
  }

  /** Lets every permission wait for the test. */
  function openSlowly(): void {
    asked = [];
    const authorize: ChannelPolicy["authorize"] = ({ action, user }) =>
      new Promise((resolve) => asked.push({ action, user, decide: resolve }));
    open([{ pattern: "**", publish: true, authorize }]);
  }

  async function decide(verdict: boolean): Promise<void> {
    await clock.advance(0);
    const next = asked.shift();
    assert.ok(next, "nobody has asked");
    next.decide(verdict);
    await clock.advance(0);
  }

  async function shownOn(topic: string): Promise<unknown[]> {
    return (await hub.open(topic)).presence.members();
  }

  it("subscribes and shows presence in one step, and names itself among the members", async () => {
    const { members } = await session.subscribe({ topic: TOPIC, presence: text({ at: 1 }) });
    assert.deepEqual(members, [text({ at: 1, userId: "ada" })]);
    assert.deepEqual(
      client.presence.map(({ event }) => event),
      ["presence:join"],
    );
  });

  it("does neither when one of the two is not allowed", async () => {
    open([{ pattern: "**", presence: false }]);
    const given = { topic: TOPIC, presence: text({ at: 1 }) };
    assert.equal((await refusalOf(() => session.subscribe(given))).code, "not-allowed");
    assert.ok(!(await hub.open(TOPIC)).isUsed);
  });

  it("does nothing when the position is none", async () => {
    const since = { epoch: "e", offset: -1 };
    const { code } = await refusalOf(() => session.subscribe({ topic: TOPIC, since }));
    assert.equal(code, "payload-invalid");
    assert.ok(!(await hub.open(TOPIC)).isUsed);
  });

  it("ends a subscription that was asked for and taken back while it was not allowed yet", async () => {
    openSlowly();
    const answer = session.subscribe({ topic: TOPIC });
    const end = session.unsubscribe({ topic: TOPIC });
    await decide(true);
    await Promise.all([answer, end]);
    assert.ok(!(await hub.open(TOPIC)).isUsed);
  });

  it("shows nothing when presence was taken back while it was not allowed yet", async () => {
    openSlowly();
    const tracked = session.track({ topic: TOPIC, state: text({ at: 1 }) });
    const untracked = session.untrack({ topic: TOPIC });
    await decide(true);
    await Promise.all([tracked, untracked]);
    await clock.advance(PRESENCE_INTERVAL_MS);
    assert.deepEqual(await shownOn(TOPIC), []);
  });

  it("publishes in the order in which it is asked, however long each permission takes", async () => {
    openSlowly();
    const listener = new RecordedSubscriber("listener");
    (await hub.open(TOPIC)).subscribe(listener);
    const receipts = ["a", "b", "c"].map((data) =>
      session.publish({ topic: TOPIC, event: "message", data: text(data) }),
    );
    const elsewhere = session.publish({ topic: "news", event: "message", data: text("x") });
    await clock.advance(0);
    assert.equal(asked.length, 2);
    asked.pop()!.decide(true);
    assert.equal((await elsewhere).offset, 1);
    for (let i = 0; i < 3; i += 1) await decide(true);
    assert.deepEqual(
      (await Promise.all(receipts)).map(({ offset }) => offset),
      [1, 2, 3],
    );
    assert.deepEqual(
      listener.publications.map(({ data }) => data),
      ["a", "b", "c"],
    );
  });

  it("hears its own publication when it subscribed right before", async () => {
    openSlowly();
    const subscribed = session.subscribe({ topic: TOPIC });
    const receipt = session.publish({ topic: TOPIC, event: "message", data: text("hi") });
    await decide(true);
    await decide(true);
    await Promise.all([subscribed, receipt]);
    assert.equal(client.publications.length, 1);
  });

  it("leaves nobody behind when the connection ends while a permission is awaited", async () => {
    openSlowly();
    const subscribed = refusalOf(() => session.subscribe({ topic: TOPIC }));
    const tracked = refusalOf(() => session.track({ topic: "news", state: text({}) }));
    await clock.advance(0);
    session.suspend();
    await decide(true);
    await decide(true);
    assert.equal((await subscribed).code, "closed");
    assert.equal((await tracked).code, "closed");
    for (const topic of [TOPIC, "news"]) assert.ok(!(await hub.open(topic)).isUsed);
  });

  it("publishes what was asked for before the connection ended", async () => {
    openSlowly();
    const receipt = session.publish({ topic: TOPIC, event: "message", data: text("hi") });
    await clock.advance(0);
    session.suspend();
    await decide(true);
    assert.equal((await receipt).offset, 1);
  });

  it("hears nothing more once it is suspended, and is present for 10 s", async () => {
    await session.subscribe({ topic: TOPIC, presence: text({ at: 1 }) });
    session.suspend();
    client.frames.length = 0;
    await hub.publish("server", { topic: TOPIC, event: "message", data: 1 });
    assert.equal(client.frames.length, 0);
    await clock.advance(9_999);
    assert.equal((await shownOn(TOPIC)).length, 1);
    await clock.advance(1);
    assert.equal((await shownOn(TOPIC)).length, 0);
  });

  it("is present nowhere as soon as it leaves", async () => {
    await session.subscribe({ topic: TOPIC, presence: text({ at: 1 }) });
    await session.track({ topic: "news", state: text({ at: 2 }) });
    session.leave();
    for (const topic of [TOPIC, "news"]) assert.ok(!(await hub.open(topic)).isUsed);
    assert.equal(clock.pendingTimers, 1, "only the sweep of idle topics");
  });

  it("does not end what a later connection of the same session has begun", async () => {
    await session.subscribe({ topic: TOPIC, presence: text({ at: 1 }) });
    const later = new ChannelSession(hub, client as unknown as RoomClient);
    await later.subscribe({ topic: TOPIC, presence: text({ at: 1 }) });
    session.suspend();
    await clock.advance(60_000);
    client.frames.length = 0;
    await hub.publish("server", { topic: TOPIC, event: "message", data: 1 });
    assert.equal(client.frames.length, 1);
    assert.equal((await shownOn(TOPIC)).length, 1);
  });

  it("takes back what its lost connection has left behind, without subscribing again", async () => {
    await session.track({ topic: TOPIC, state: text({ at: 1 }) });
    session.suspend();
    const later = new ChannelSession(hub, client as unknown as RoomClient);
    await later.untrack({ topic: TOPIC });
    await clock.advance(PRESENCE_INTERVAL_MS);
    assert.deepEqual(await shownOn(TOPIC), []);
  });

  it("has room for 256 channels, however it came to them", async () => {
    const topics = Array.from({ length: 256 }, (_, at) => `topic-${at}`);
    for (const [at, topic] of topics.entries()) {
      if (at % 2 === 0) await session.subscribe({ topic });
      else await session.track({ topic, state: text({}) });
    }
    await session.track({ topic: topics[0]!, state: text({}) });
    const one = { topic: "one-too-many" };
    assert.equal((await refusalOf(() => session.subscribe(one))).code, "channel-limit");
    assert.ok(!(await hub.open(one.topic)).isUsed);
    await session.unsubscribe({ topic: topics[0]! });
    await session.subscribe(one);
    await session.untrack({ topic: topics[1]! });
    await session.subscribe({ topic: "and-another" });
  });

  it("asks again with the newer token when one came while a permission was awaited", async () => {
    openSlowly();
    const refused = refusalOf(() => session.subscribe({ topic: TOPIC }));
    await clock.advance(0);
    await session.renew(() => Promise.resolve({ id: "ada", name: "Ada", role: "guest" }));
    assert.equal(asked[0]?.user.role, undefined);
    await decide(true);
    assert.equal(asked[0]?.user.role, "guest");
    await decide(false);
    assert.equal((await refused).code, "not-allowed");
    assert.ok(!(await hub.open(TOPIC)).isUsed);
  });

  it("ends what a newer token does not allow, and only that", async () => {
    const authorize: ChannelPolicy["authorize"] = ({ user, channel, action }) =>
      user.role !== "less" || (channel !== "secret" && action !== "presence");
    open([{ pattern: "**", authorize }]);
    for (const topic of ["secret", "open"]) await session.subscribe({ topic, presence: text({}) });
    await session.track({ topic: "shown", state: text({}) });
    client.frames.length = 0;
    await session.renew(() => Promise.resolve({ id: "ada", name: "Ada", role: "less" }));
    assert.deepEqual(
      client.news.map((news) => [news.kind, news.topic]),
      [
        ["ended", "secret"],
        ["presence", "open"],
      ],
    );
    for (const topic of ["secret", "open", "shown"]) assert.deepEqual(await shownOn(topic), []);
    client.frames.length = 0;
    for (const topic of ["secret", "open"]) {
      await hub.publish("server", { topic, event: "message", data: 1 });
    }
    assert.deepEqual(
      client.news.map(({ topic }) => topic),
      ["open"],
    );
  });

  it("ends a subscription whose permission cannot be checked", async () => {
    let isBroken = false;
    const authorize: ChannelPolicy["authorize"] = () => {
      if (isBroken) throw new Error("no database");
      return true;
    };
    open([{ pattern: "**", authorize }]);
    await session.subscribe({ topic: TOPIC });
    isBroken = true;
    await session.renew(() => Promise.resolve(client.user));
    const [ended] = client.news;
    assert.ok(ended?.kind === "ended");
    assert.equal(ended.error.code, "handler-failed");
  });

  it("ends up with the newest of several tokens, whichever is checked first", async () => {
    const first = Promise.withResolvers<Identity>();
    const older = session.renew(() => first.promise);
    const newer = session.renew(() => Promise.resolve({ id: "ada", name: "Newer" }));
    first.resolve({ id: "ada", name: "Older" });
    await Promise.all([older, newer]);
    assert.equal(client.user.name, "Newer");
  });
});
