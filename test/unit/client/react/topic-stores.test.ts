import assert from "node:assert/strict";
import { RealtimeScope } from "../../../../client/react/stores/realtime-scope.ts";
import type { TopicStore } from "../../../../client/react/stores/topic-store.ts";
import { UNMOUNT_GRACE_MS } from "../../../../shared/limits.ts";
import { FakeChannelClient } from "../../../support/fake-channel-client.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

const TOPIC = "chat/general";

/** A page of one client, on a clock that the test moves. */
class Page extends FakeChannelClient {
  readonly scope = new RealtimeScope(this.realtime, this.clock, this.wakeSignals);

  async topic(settings: object = {}): Promise<{ store: TopicStore; unmount: () => void }> {
    const store = this.scope.topic(this.realtime, TOPIC, settings);
    const unmount = store.live.subscribe(nothing);
    await this.settle();
    return { store, unmount };
  }

  /** Stored messages `from` to `to`, newest first. */
  keep(from: number, to: number): void {
    for (let at = from; at <= to; at++) {
      const id = `stored ${at}`;
      const message = { id, room_id: TOPIC, user_id: "user-2", event: "message", data: at };
      this.channels.history.unshift({ ...message, created_at: at, cursor: `${at}` });
    }
  }
}

function nothing(): void {
  // A component that shows it.
}

function dataOf(store: TopicStore): unknown[] {
  return store.live.getSnapshot().messages.map(({ data }) => data);
}

function statusOf(store: TopicStore): [status: string, code: string | undefined] {
  const { status, error } = store.live.getSnapshot();
  return [status, error?.code];
}

describe("a topic of React components", () => {
  it("is subscribed while they are there, shared by what they ask for", async () => {
    const page = new Page();
    const { store, unmount } = await page.topic({ history: 3 });
    assert.equal(page.scope.topic(page.realtime, TOPIC, { history: 3 }), store);
    assert.notEqual(page.scope.topic(page.realtime, TOPIC, {}), store);
    assert.deepEqual(statusOf(store), ["subscribed", undefined]);
    unmount();
    page.publish("within the moment");
    await page.clock.advance(UNMOUNT_GRACE_MS - 1);
    const remounted = store.live.subscribe(nothing);
    await page.settle();
    assert.deepEqual(dataOf(store), ["within the moment"]);
    assert.deepEqual(page.channels.asked("subscribe").length, 1);
    assert.deepEqual(page.channels.asked("unsubscribe").length, 0);
    remounted();
    await page.clock.advance(UNMOUNT_GRACE_MS);
    assert.deepEqual(page.channels.asked("unsubscribe").length, 1);
    assert.deepEqual(dataOf(store), []);
  });

  it("reads the history once it is live, and nothing is lost or doubled in between", async () => {
    const page = new Page();
    page.keep(1, 4);
    page.channels.hold = ({ name }) => name === "history";
    const { store } = await page.topic({ history: 3 });
    page.publish("live", TOPIC, { timestamp: 9 });
    page.publish(4, TOPIC, { id: "stored 4", timestamp: 4 });
    page.channels.hold = undefined;
    page.channels.release();
    await page.settle();
    assert.deepEqual(dataOf(store), [2, 3, 4, "live"]);
    assert.equal(store.live.getSnapshot().hasOlder, true);
    await store.loadOlder(3);
    assert.deepEqual(dataOf(store), [1, 2, 3, 4, "live"]);
    assert.equal(store.live.getSnapshot().hasOlder, false);
  });

  it("hears what it missed, and says where something is gone for good", async () => {
    const page = new Page();
    const { store } = await page.topic();
    page.publish(1);
    await page.dropAndReturn(() => page.publish(2));
    assert.deepEqual(dataOf(store), [1, 2]);
    assert.equal(store.live.getSnapshot().hasGap, false);
    page.channels.window = 1;
    const told: unknown[] = [];
    store.hear(({ event }) => told.push(event));
    await page.dropAndReturn(() => {
      assert.deepEqual(statusOf(store)[0], "reconnecting");
      for (const data of [3, 4, 5]) page.publish(data);
    });
    assert.ok(told.includes("resync"));
    assert.equal(store.live.getSnapshot().hasGap, true);
    assert.deepEqual(statusOf(store), ["subscribed", undefined]);
    page.publish(6);
    await page.settle();
    assert.deepEqual(dataOf(store), [1, 2, 6]);
  });

  it("tells volatile events to listeners and keeps none of them", async () => {
    const page = new Page();
    const { store } = await page.topic();
    const heard: unknown[] = [];
    const end = store.hear(({ event, data }) => heard.push([event, data]));
    await store.publish("typing", "Anna", { volatile: true });
    await store.publish("message", "hi");
    await page.settle();
    assert.deepEqual(heard, [
      ["typing", "Anna"],
      ["message", "hi"],
    ]);
    assert.deepEqual(dataOf(store), ["hi"]);
    end();
    await store.publish("message", "nobody listens");
    assert.equal(heard.length, 2);
  });

  it("shows the latest thing that went wrong, until the same goes well", async () => {
    const page = new Page();
    const { store } = await page.topic();
    page.channels.refuse = ({ name }) =>
      name === "publish" ? { code: "rate-limited", message: "too many" } : undefined;
    assert.equal((await refusalOf(() => store.publish("message", 1))).code, "rate-limited");
    assert.equal(
      (await refusalOf(() => store.publish("message", undefined))).code,
      "payload-invalid",
    );
    assert.deepEqual(statusOf(store), ["subscribed", "payload-invalid"]);
    await store.loadOlder();
    assert.equal(statusOf(store)[1], "payload-invalid");
    page.channels.refuse = undefined;
    await store.publish("message", 2);
    assert.deepEqual(statusOf(store), ["subscribed", undefined]);
  });

  it("shows an error no longer than the time after which it can go well", async () => {
    const page = new Page();
    const { store } = await page.topic();
    page.channels.refuse = ({ name }) =>
      name === "publish" ? { code: "rate-limited", message: "", retryAfterMs: 500 } : undefined;
    void store.publish("message", 1);
    await page.clock.advance(499);
    assert.equal(statusOf(store)[1], "rate-limited");
    await page.clock.advance(100);
    assert.equal(statusOf(store)[1], undefined);
  });

  it("is closed where it is refused, until it is told to try again", async () => {
    const page = new Page();
    page.channels.refuse = ({ name }) =>
      name === "subscribe" ? { code: "not-allowed", message: "no" } : undefined;
    const { store } = await page.topic();
    assert.deepEqual(statusOf(store), ["closed", "not-allowed"]);
    page.channels.refuse = undefined;
    store.retry();
    await page.settle();
    assert.deepEqual(statusOf(store), ["subscribed", undefined]);
    page.publish("once");
    await page.settle();
    assert.deepEqual(dataOf(store), ["once"]);
  });

  it("comes back with a client that was disconnected and is connected again", async () => {
    const page = new Page();
    const { store } = await page.topic();
    const presence = page.scope.presence(page.realtime, TOPIC);
    presence.live.subscribe(nothing);
    presence.show({ name: "Anna" });
    await page.settle();
    page.realtime.disconnect();
    await page.settle();
    assert.deepEqual(statusOf(store), ["closed", undefined]);
    await page.realtime.connect();
    await page.clock.advance(200);
    assert.deepEqual(statusOf(store), ["subscribed", undefined]);
    const names = presence.live.getSnapshot().members.map(({ name }) => name);
    assert.deepEqual(names, ["Anna"]);
    page.publish("again");
    await page.settle();
    assert.deepEqual(dataOf(store), ["again"]);
  });
});

describe("presence of React components", () => {
  const steps = async (page: Page): Promise<void> => page.clock.advance(200);

  it("shows what the latest one wants, and nothing a moment after the last one went", async () => {
    const page = new Page();
    const store = page.scope.presence(page.realtime, TOPIC);
    const end = store.live.subscribe(nothing);
    const first = store.show({ name: "Anna" });
    await steps(page);
    first();
    const again = store.show({ name: "Anna" });
    await steps(page);
    const second = store.show({ name: "Anna", isTyping: true });
    again();
    await page.clock.advance(2 * UNMOUNT_GRACE_MS);
    assert.deepEqual(
      page.channels.asked("track").map(({ state }) => state),
      [{ name: "Anna", isTyping: true }],
    );
    second();
    await page.clock.advance(UNMOUNT_GRACE_MS - 1);
    assert.equal(page.channels.asked("untrack").length, 0);
    await steps(page);
    assert.equal(page.channels.asked("untrack").length, 1);
    assert.deepEqual(store.live.getSnapshot().members, []);
    end();
    await page.clock.advance(UNMOUNT_GRACE_MS);
    assert.equal(page.channels.asked("unsubscribe").length, 1);
  });

  it("follows who comes, changes and goes, with the same objects for who stays", async () => {
    const page = new Page();
    page.show("user-2", { name: "Ben" });
    const store = page.scope.presence(page.realtime, TOPIC);
    store.live.subscribe(nothing);
    await steps(page);
    const [ben] = store.live.getSnapshot().members;
    page.show("user-3", { name: "Eve" });
    await steps(page);
    page.show("user-3", { name: "Eve", status: "away" });
    await steps(page);
    const { members } = store.live.getSnapshot();
    assert.deepEqual(members, [
      { userId: "user-2", name: "Ben" },
      { userId: "user-3", name: "Eve", status: "away" },
    ]);
    assert.equal(members[0], ben);
    page.show("user-2", undefined);
    await steps(page);
    assert.equal(store.live.getSnapshot().members.length, 1);
  });

  it("shows a refusal as an error", async () => {
    const page = new Page();
    page.channels.refuse = ({ name, given }) =>
      name === "track" || given["presence"] !== undefined
        ? { code: "not-allowed", message: "nobody is present here" }
        : undefined;
    const store = page.scope.presence(page.realtime, TOPIC);
    store.live.subscribe(nothing);
    store.show({ name: "Anna" });
    await page.clock.advance(1_000);
    const { status, error } = store.live.getSnapshot();
    assert.deepEqual([status, error?.code], ["subscribed", "not-allowed"]);
  });
});
