import assert from "node:assert/strict";
import { RealtimeScope } from "../../../../client/react/stores/realtime-scope.ts";
import type { RoomStore } from "../../../../client/react/stores/room-store.ts";
import { MAX_OUTBOX_AGE_MS, UNMOUNT_GRACE_MS } from "../../../../shared/limits.ts";
import { FakeClient } from "../../../support/fake-client.ts";
import { refusal } from "../../../support/fake-room-server.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

/** A page of one client, on a clock that the test moves. */
class Page extends FakeClient {
  readonly scope = new RealtimeScope(this.realtime, this.clock, this.wakeSignals);

  room(options?: object): RoomStore {
    return this.scope.room("fake", options);
  }

  /** The room that was silent greets who waits for it. */
  answer(): void {
    this.server.isSilent = false;
    this.server.room.connect(this.server.lastSeat, this.server.lastSocket.pair);
  }

  get joins(): number {
    return this.server.asked.filter(({ method }) => method === "joinOrCreate").length;
  }
}

function nothing(): void {
  // A component that shows it.
}

async function mounted(page: Page): Promise<{ store: RoomStore; unmount: () => void }> {
  const store = page.room();
  const unmount = store.live.subscribe(nothing);
  await page.settle();
  return { store, unmount };
}

function statusOf(store: RoomStore): [status: string, code: string | undefined] {
  const { status, error } = store.live.getSnapshot();
  return [status, error?.code];
}

describe("a room of React components", () => {
  it("is joined once they are there, once for all of them, by what the options say", async () => {
    const page = new Page();
    const store = page.room({ match: "a" });
    assert.equal(page.room({ match: "a" }), store);
    assert.notEqual(page.room({ match: "b" }), store);
    await page.settle();
    assert.equal(page.joins, 0);
    const ends = [store.live.subscribe(nothing), store.live.subscribe(nothing)];
    await page.settle();
    assert.equal(page.joins, 1);
    assert.deepEqual(statusOf(store), ["joined", undefined]);
    for (const end of ends) end();
    await page.clock.advance(UNMOUNT_GRACE_MS);
    assert.deepEqual(statusOf(store), ["joining", undefined]);
    assert.equal(store.live.getSnapshot().room, undefined);
  });

  it("is left when the component went while it was being joined", async () => {
    const page = new Page();
    page.server.isSilent = true;
    const { unmount, store } = await mounted(page);
    unmount();
    await page.clock.advance(UNMOUNT_GRACE_MS);
    page.answer();
    await page.clock.advance(5_000);
    assert.equal(store.live.getSnapshot().room, undefined);
    assert.equal(page.realtime.status, "idle");
  });

  it("goes on trying where no server answers, and at once when the page wakes up", async () => {
    const page = new Page();
    page.server.intercept = () => ({ status: 502, body: "bad gateway" });
    const { store } = await mounted(page);
    assert.deepEqual(statusOf(store), ["joining", "unreachable"]);
    assert.equal(page.joins, 1);
    await page.clock.advance(1_200);
    assert.equal(page.joins, 2);
    page.server.intercept = undefined;
    page.wakeSignals.wake();
    await page.settle();
    assert.equal(page.joins, 3);
    assert.deepEqual(statusOf(store), ["joined", undefined]);
    page.wakeSignals.wake();
    await page.clock.advance(60_000);
    assert.equal(page.joins, 3);
  });

  it("stops where it is refused, until it is told to try again", async () => {
    const page = new Page();
    page.server.intercept = () => refusal(403, "room-full");
    const { store } = await mounted(page);
    assert.deepEqual(statusOf(store), ["closed", "room-full"]);
    await page.clock.advance(60_000);
    assert.equal(page.joins, 1);
    page.server.intercept = undefined;
    store.retry();
    store.retry();
    await page.settle();
    assert.equal(page.joins, 2);
    assert.deepEqual(statusOf(store), ["joined", undefined]);
  });

  it("lets requests wait for the room, in order, and refuses them where there is none", async () => {
    const page = new Page();
    page.server.isSilent = true;
    const store = page.room();
    const early = [store.request("add", { by: 1 }), store.request("add", { by: 2 })];
    store.live.subscribe(nothing);
    await page.settle();
    page.answer();
    await page.clock.advance(1_000);
    await Promise.all(early);
    assert.equal(page.server.room.requests.length, 2);
    page.realtime.disconnect();
    await page.settle();
    assert.equal((await refusalOf(() => store.request("add"))).code, "closed");
    assert.equal(store.live.getSnapshot().error?.code, "closed");
  });

  it("lets no request wait for longer than for a connection", async () => {
    const page = new Page();
    page.server.intercept = () => ({ status: 502, body: "" });
    const { store } = await mounted(page);
    const late = refusalOf(() => store.request("add"));
    await page.clock.advance(MAX_OUTBOX_AGE_MS);
    assert.equal((await late).code, "disconnected");
  });

  it("comes back with a client that was disconnected and is connected again", async () => {
    const page = new Page();
    const { store } = await mounted(page);
    page.realtime.disconnect();
    await page.settle();
    assert.equal(statusOf(store)[0], "closed");
    page.server.room.hasState = false;
    await page.realtime.connect();
    await page.clock.advance(100);
    assert.deepEqual(statusOf(store), ["joined", undefined]);
  });

  it("stays away where it was left on purpose, whatever else the client does", async () => {
    const page = new Page();
    const { store } = await mounted(page);
    const left = store.live.getSnapshot().room?.leave();
    await page.clock.advance(3_000);
    await left;
    await page.realtime.join("fake");
    await page.clock.advance(10_000);
    assert.deepEqual(statusOf(store)[0], "closed");
    assert.equal(page.joins, 2);
  });

  it("tells messages to listeners that were there before the room, each once", async () => {
    const page = new Page();
    const store = page.room();
    const heard: unknown[] = [];
    const listen = (): (() => void) => store.onMessage("hello", (text) => heard.push(text));
    listen()();
    const end = listen();
    store.live.subscribe(nothing);
    await page.settle();
    page.server.room.send(page.server.lastSeat, "hello", 1);
    await page.settle();
    assert.deepEqual(heard, [1]);
    end();
    page.server.room.send(page.server.lastSeat, "hello", 2);
    await page.settle();
    assert.deepEqual(heard, [1]);
  });

  it("counts the versions of a state that changes in place", async () => {
    const page = new Page();
    const { store } = await mounted(page);
    const versions: number[] = [];
    store.onState(() => versions.push(store.version));
    const before = store.version;
    page.state.count = 5;
    page.server.room.tick();
    await page.settle();
    assert.deepEqual(versions, [before + 1]);
    assert.equal((store.state as { count: number }).count, 5);
  });

  it("follows the connection down and up", async () => {
    const page = new Page();
    const { store } = await mounted(page);
    page.server.drop();
    await page.settle();
    assert.deepEqual(statusOf(store)[0], "reconnecting");
    await page.clock.advance(5_000);
    assert.deepEqual(statusOf(store), ["joined", undefined]);
  });
});
