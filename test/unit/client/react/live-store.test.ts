import assert from "node:assert/strict";
import { LiveStore } from "../../../../client/react/stores/live-store.ts";
import { RENDER_INTERVAL_MS, UNMOUNT_GRACE_MS } from "../../../../shared/limits.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

class Counted {
  readonly clock = new FakeClock();
  readonly events: string[] = [];
  value = 0;
  reads = 0;
  readonly store = new LiveStore({
    clock: this.clock,
    read: () => {
      this.reads += 1;
      return { value: this.value };
    },
    open: () => this.events.push("open"),
    close: () => this.events.push("close"),
  });

  set(value: number): void {
    this.value = value;
    this.store.change();
  }
}

describe("LiveStore", () => {
  it("is open from the first subscriber until a moment after the last one", () => {
    const counted = new Counted();
    const { store, clock, events } = counted;
    const first = store.subscribe(() => undefined);
    const second = store.subscribe(() => undefined);
    first();
    first();
    clock.advanceSync(UNMOUNT_GRACE_MS);
    assert.deepEqual(events, ["open"]);
    second();
    clock.advanceSync(UNMOUNT_GRACE_MS - 1);
    assert.deepEqual(events, ["open"]);
    clock.advanceSync(1);
    assert.deepEqual(events, ["open", "close"]);
    store.subscribe(() => undefined);
    assert.deepEqual(events, ["open", "close", "open"]);
  });

  it("stays open for who is mounted anew within the moment, however often", () => {
    const { store, clock, events } = new Counted();
    let unsubscribe = store.subscribe(() => undefined);
    for (let count = 0; count < 10; count++) {
      unsubscribe();
      clock.advanceSync(UNMOUNT_GRACE_MS - 1);
      unsubscribe = store.subscribe(() => undefined);
    }
    clock.advanceSync(10 * UNMOUNT_GRACE_MS);
    assert.deepEqual(events, ["open"]);
    assert.equal(clock.pendingTimers, 0);
  });

  it("ends the moment where it was gone on purpose, but not where somebody is there", () => {
    const { store, clock, events } = new Counted();
    const first = store.subscribe(() => undefined);
    const second = store.subscribe(() => undefined);
    first();
    store.closeUnused();
    assert.deepEqual(events, ["open"]);
    second();
    store.closeUnused();
    store.closeUnused();
    assert.deepEqual(events, ["open", "close"]);
    assert.equal(clock.pendingTimers, 0);
  });

  it("gives the same snapshot until something changed, and the new one at once", () => {
    const counted = new Counted();
    const { store } = counted;
    const initial = store.getSnapshot();
    assert.equal(store.getSnapshot(), initial);
    counted.set(1);
    counted.set(2);
    assert.deepEqual(store.getSnapshot(), { value: 2 });
    assert.equal(store.getSnapshot(), store.getSnapshot());
    assert.equal(store.getInitialSnapshot(), initial);
    assert.equal(counted.reads, 2);
  });

  it("tells of a change at once, and of those that follow within a frame together", () => {
    const counted = new Counted();
    const { store, clock } = counted;
    const told: number[] = [];
    store.subscribe(() => told.push(store.getSnapshot().value));
    for (let value = 1; value <= 100; value++) counted.set(value);
    assert.deepEqual(told, [1]);
    clock.advanceSync(RENDER_INTERVAL_MS);
    assert.deepEqual(told, [1, 100]);
    clock.advanceSync(RENDER_INTERVAL_MS);
    counted.set(101);
    assert.deepEqual(told, [1, 100, 101]);
  });
});
